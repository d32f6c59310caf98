// For `feed/early.ts`. No module, so that it asks before the page's own code is read; each answer is read to its end
// here, so that it is at hand as a whole.
{
  const early = {};
  window.early = early;
  const read = async (path, cache) => {
    const answer = await fetch(path, { cache, signal: AbortSignal.timeout(15000) });
    return new Response((await answer.text()) || null, answer);
  };
  const ask = (path, cache) => {
    early[path] = read(path, cache);
    early[path].catch(() => {});
  };
  ask("/v1/session", "no-store");
  const territory = new URLSearchParams(location.search).get("territory");
  if (territory) {
    const at = `/v1/territories/${encodeURIComponent(territory)}/`;
    ask(`${at}sites`, "no-cache");
    ask(`${at}board`, "no-store");
  }
}
