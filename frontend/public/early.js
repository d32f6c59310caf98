// For `feed/early.ts`.
const early = {};
window.early = early;
const ask = (path, cache) => {
  early[path] = fetch(path, { cache, signal: AbortSignal.timeout(15000) });
  early[path].catch(() => {});
};
ask("/v1/session", "no-store");
const territory = new URLSearchParams(location.search).get("territory");
if (territory) {
  const at = `/v1/territories/${encodeURIComponent(territory)}/`;
  ask(`${at}sites`, "no-cache");
  ask(`${at}board`, "no-store");
}
