// Looks on from inside, in every page alike: when a message arrived, and when what is expected had been painted.
(() => {
  const arrivals = [];
  window.WebSocket = class extends WebSocket {
    constructor(...at) {
      super(...at);
      this.addEventListener("message", ({ data }) => {
        if (!data.includes('"rows":[]')) arrivals.push(performance.now());
      });
    }
  };

  /** The first task after the frame that is due: by then it has been laid out and painted. */
  const nextFrame = () =>
    new Promise((done) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now());
        port2.postMessage(null);
      });
    });

  /** When that frame had been painted in which it is so. It is not so yet. */
  const painted = (isSo) =>
    new Promise((done) => {
      const observer = new MutationObserver(() => {
        if (!isSo()) return;
        observer.disconnect();
        nextFrame().then(done);
      });
      observer.observe(document, { childList: true, subtree: true, characterData: true });
    });

  /** A moment of this page by the clock of the machine, in ms: what two pages and a socket have in common. */
  const byTheClock = (moment) => Date.now() - (performance.now() - moment);

  /** Numbers of the rows that have room, by the name of the site; rows are found now, so that looking costs little. */
  const numbers = (wanted) => {
    const rows = [...document.querySelectorAll("[aria-labelledby='free'] li")];
    const rowOf = new Map(rows.map((row) => [row.querySelector("h3").textContent, row]));
    const expected = Object.entries(wanted).map(([name, number]) => [rowOf.get(name), String(number)]);
    return () => expected.every(([row, number]) => row.querySelector(".number strong")?.textContent === number);
  };

  let told = null;
  window.probe = {
    painted,
    /** Ask for these, let it happen, then ask `told`: the ms from the message to the paint, and how many came. */
    expectNumbers(wanted) {
      const isSo = numbers(wanted);
      arrivals.length = 0;
      told = painted(isSo).then((at) => ({ ms: at - arrivals[0], messages: arrivals.length }));
    },
    /** When the text is painted, by the clock. */
    expectText(selector, text) {
      const isSo = () => document.querySelector(selector)?.textContent === text;
      told = painted(isSo).then(byTheClock);
    },
    /** When a finger comes down, by the clock. */
    expectFinger() {
      told = new Promise((done) => {
        const hear = ({ timeStamp }) => done(byTheClock(timeStamp));
        addEventListener("pointerdown", hear, { capture: true, once: true });
      });
    },
    told: () => told,
  };
})();
