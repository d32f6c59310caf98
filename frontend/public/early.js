// What it asks for, `feed/early.ts` takes.
(() => {
  const asked = {};
  const ask = (path, cache) => {
    asked[path] = fetch(path, { cache, signal: AbortSignal.timeout(15000) });
    asked[path].catch(() => {});
  };
  window.early = asked;
  ask("/v1/session", "no-store");
  const territory = new URLSearchParams(location.search).get("territory");
  if (!territory) return;
  const at = `/v1/territories/${encodeURIComponent(territory)}`;
  ask(`${at}/sites`, "no-cache");
  ask(`${at}/board`, "no-store");
})();
