/** Keeps the screen on while a page is shown. A device that does not know how stays as it is. */

export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let isStopped = false;

  /** The browser lets go of the screen whenever the page is hidden, so it is asked again at each return. */
  async function ask(): Promise<void> {
    if (document.visibilityState !== "visible" || (lock !== null && !lock.released)) return;
    try {
      const given = await navigator.wakeLock?.request("screen");
      if (given === undefined) return;
      if (isStopped) await given.release();
      else lock = given;
    } catch {
      // A battery that runs low is a reason to refuse; the next return asks again.
    }
  }

  const again = () => void ask();
  void ask();
  document.addEventListener("visibilitychange", again);
  return () => {
    isStopped = true;
    document.removeEventListener("visibilitychange", again);
    void lock?.release();
  };
}
