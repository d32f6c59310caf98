/** Opens a page; once it has had time to show something, what keeps it on the device follows. */

import { type Component, mount } from "svelte";

/** A slow line is for the first screen alone until then. */
const FIRST_SCREEN_MS = 3_000;

// Apart from its `then`, which the build would move behind the styles: their failure would be heard by nobody.
const renewing = () => import("./renewing");

export function open(Page: Component, page: string): void {
  mount(Page, { target: element("page") });
  const follow = () => {
    renewing().then(
      ({ renew }) => renew(page),
      () => addEventListener("online", follow, { once: true }),
    );
  };
  setTimeout(follow, FIRST_SCREEN_MS);
}

/** The element of the page's own HTML that a component is put into. */
function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}
