/**
 * How a page fetches a part of itself later, in the place of Vite's own helper, which is twice as long. Runs in the
 * browser. What belongs to the part is asked for together with it, and waited for. What failed leaves nothing behind,
 * so that the same part may be wanted again once there is a network: a script is fetched as plain bytes first, since a
 * browser that once failed to fetch a module does not try again.
 */
const asked = {};

const style = (href) =>
  new Promise((done, fail) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.onload = done;
    link.onerror = () => {
      link.remove();
      fail(new Error(href));
    };
    document.head.append(link);
  });

const bytes = (answer) => {
  if (!answer.ok) throw new Error(answer.url);
  return answer.text();
};

const fetched = (file) => {
  const href = `/${file}`;
  asked[file] ??= (file.endsWith(".css") ? style(href) : fetch(href).then(bytes)).catch((error) => {
    delete asked[file];
    throw error;
  });
  return asked[file];
};

export const __vitePreload = (load, files = []) => Promise.all(files.map(fetched)).then(load);
