/** Leaving a device: what it showed goes, what it still has to say stays, and the service forgets the session. */

import { signOut } from "../api/session";
import { type Kept, openShelf } from "../outbox/shelf";
import { forgetAll } from "./keep";

const SHELVES = ["outbox", "holds", "arrivals"] as const;

/** How much of what was tapped has not reached the service yet. */
export async function unsent(): Promise<number> {
  const waiting = await Promise.all(SHELVES.map(waitingOn));
  return waiting.reduce((sum, count) => sum + count, 0);
}

async function waitingOn(name: (typeof SHELVES)[number]): Promise<number> {
  const shelf = await openShelf<Waiting>(name);
  return (await shelf.all()).filter(hasSomethingToSay).length;
}

/** An entry of the outbox that waits, or a hold with something to tell. */
type Waiting = Kept & { readonly state: string; readonly told?: unknown };

const hasSomethingToSay = ({ state, told }: Waiting): boolean =>
  ["waiting", "asking", "leaving"].includes(state) || (told !== undefined && told !== null);

/** False when the service could not be told: the session then lives on, and everything stays as it was. */
export async function leave(): Promise<boolean> {
  const answer = await signOut();
  if (answer.kind === "unanswered" && !answer.isReachable) return false;
  await Promise.all(SHELVES.map(clearSaid));
  forgetAll();
  return true;
}

/** What is said and done is a picture too: codes, sites, parties. */
async function clearSaid(name: (typeof SHELVES)[number]): Promise<void> {
  const shelf = await openShelf<Waiting>(name);
  const said = (await shelf.all()).filter((entry) => !hasSomethingToSay(entry));
  await shelf.remove(said.map(({ id }) => id));
}
