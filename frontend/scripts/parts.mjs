/**
 * How a page fetches a part of itself later, in the place of Vite's own helper, which is twice as long. Runs in the
 * browser. What belongs to the part is asked for together with it, and its styles are waited for. What failed leaves
 * nothing behind, so that the same part may be wanted again once there is a network.
 */
const asked = {};

const fetched = (file) => {
  asked[file] ??= new Promise((done, fail) => {
    const isStyle = file.endsWith(".css");
    const link = document.createElement("link");
    link.rel = isStyle ? "stylesheet" : "modulepreload";
    link.href = `/${file}`;
    link.onload = done;
    link.onerror = () => {
      link.remove();
      delete asked[file];
      fail(new Error(file));
    };
    document.head.append(link);
    if (!isStyle) done();
  });
  return asked[file];
};

export const __vitePreload = (load, files = []) => Promise.all(files.map(fetched)).then(load);
