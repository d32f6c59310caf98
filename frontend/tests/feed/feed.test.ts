import { describe, expect, it } from "vitest";
import type { Board, Position } from "../../src/board/board";
import { type ConnectionListener, type FeedState, follow } from "../../src/feed/feed";
import { againIn, waitBefore } from "../../src/feed/waits";
import { HandClock, wireMessage, wireRow } from "../builders";

class World {
  readonly clock = new HandClock();
  readonly opened: { position: Position | null; listener: ConnectionListener; isClosed: boolean }[] = [];
  readonly states: FeedState[] = [];
  readonly boards: Board[] = [];
  readonly feed = follow(
    {
      open: (position, listener) => {
        const one = { position, listener, isClosed: false };
        this.opened.push(one);
        return {
          close: () => {
            one.isClosed = true;
          },
        };
      },
      clock: this.clock,
      random: () => 0.5,
    },
    { onBoard: (board) => this.boards.push(board), onState: (state) => this.states.push(state) },
  );

  get last() {
    const one = this.opened.at(-1);
    if (one === undefined) throw new Error("nothing was opened");
    return one;
  }

  says(changes: Record<string, unknown>): void {
    this.last.listener.onMessage(JSON.stringify(wireMessage(changes)));
  }

  beats(seq: number): void {
    this.says({ since: seq, seq, complete: false, rows: [] });
  }
}

describe("the feed", () => {
  it("starts with nothing and is live at the first picture", () => {
    const world = new World();
    expect(world.last.position).toBeNull();
    world.says({ seq: 4 });
    expect(world.states).toEqual(["live"]);
    expect(world.boards.at(-1)?.seq).toBe(4);
  });

  it("says at once that its connection is lost, and comes back with its position", () => {
    const world = new World();
    world.says({ seq: 4 });
    world.last.listener.onClose(null);
    expect(world.states).toEqual(["live", "lost"]);
    world.clock.pass(500);
    expect(world.last.position).toEqual({ epoch: "e1", seq: 4 });
    world.beats(4);
    expect(world.states).toEqual(["live", "lost", "live"]);
  });

  it("comes again at the moment that the server gave it, and then at its own", () => {
    const world = new World();
    world.says({ seq: 4 });
    world.last.listener.onClose(1234);
    expect(world.clock.waits).toEqual([1234]);
    world.clock.pass(1234);
    world.last.listener.onClose(null);
    expect(world.clock.waits).toEqual([550]);
  });

  it("reconnects with its own position when a message shows a gap", () => {
    const world = new World();
    world.says({ seq: 4 });
    world.says({ since: 6, seq: 7, complete: false, rows: [wireRow({ seq: 7, free: 0 })] });
    expect(world.opened[0]?.isClosed).toBe(true);
    expect(world.boards.at(-1)?.seq).toBe(4);
    world.clock.pass(500);
    expect(world.last.position).toEqual({ epoch: "e1", seq: 4 });
  });

  it("drops a connection that talks nonsense, and waits longer each time", () => {
    const world = new World();
    const waits: (number | undefined)[] = [];
    for (let time = 0; time < 4; time += 1) {
      world.last.listener.onMessage("nonsense");
      waits.push(world.clock.waits[0]);
      world.clock.pass(20_000);
    }
    expect(waits).toEqual([275, 550, 1100, 2200]);
  });

  it("is silent after ten seconds without a word, dead after twenty", () => {
    const world = new World();
    world.says({ seq: 4 });
    world.clock.pass(9_999);
    expect(world.states).toEqual(["live"]);
    world.clock.pass(1);
    expect(world.states).toEqual(["live", "silent"]);
    world.clock.pass(10_000);
    expect(world.states).toEqual(["live", "silent", "lost"]);
    expect(world.opened[0]?.isClosed).toBe(true);
  });

  it("is kept alive by heartbeats alone", () => {
    const world = new World();
    world.says({ seq: 4 });
    for (let beat = 0; beat < 20; beat += 1) {
      world.clock.pass(5_000);
      world.beats(4);
    }
    expect(world.states).toEqual(["live"]);
    expect(world.opened).toHaveLength(1);
  });

  it("gives up a first connection that never says anything", () => {
    const world = new World();
    world.clock.pass(20_000);
    expect(world.states).toEqual(["lost"]);
  });

  it("comes back at once when woken, and leaves a good connection alone", () => {
    const world = new World();
    world.says({ seq: 4 });
    world.feed.wake();
    expect(world.opened).toHaveLength(1);
    world.last.listener.onClose(null);
    world.feed.wake();
    expect(world.opened).toHaveLength(2);
  });

  it("does not believe its connection when the device says that it has no network", () => {
    const world = new World();
    world.says({ seq: 4 });
    world.feed.doubt();
    expect(world.states).toEqual(["live", "lost"]);
    expect(world.opened[0]?.isClosed).toBe(true);
    world.clock.pass(500);
    expect(world.opened).toHaveLength(2);
  });

  it("does nothing more once stopped", () => {
    const world = new World();
    world.says({ seq: 4 });
    world.feed.stop();
    world.clock.pass(60_000);
    expect(world.opened).toHaveLength(1);
    expect(world.last.isClosed).toBe(true);
    expect(world.states).toEqual(["live"]);
  });
});

describe("waiting before the next try", () => {
  it("is random up to a bound that doubles and ends", () => {
    const waits = { first_ms: 100, most_ms: 1_000 };
    expect([0, 1, 2, 3, 4, 99].map((attempt) => waitBefore(attempt, waits, () => 1))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
    expect(waitBefore(2, waits, () => 0)).toBe(40);
  });
});

describe("the moment to come again", () => {
  it("is read from the reason of a close, and from nothing else", () => {
    expect(againIn("again in 340 ms")).toBe(340);
    for (const said of ["", "look again", "again in 99999 ms", "again in -1 ms", "again in 1 ms, or so"]) {
      expect(againIn(said)).toBeNull();
    }
  });
});
