/** Command ids: UUIDv7, made at the tap. They sort in the order in which they were made, also within a millisecond. */

/** `now` and `randomBytes` are `Date.now` and `crypto.getRandomValues` on a page: see `newId`. */
export function idMaker(now: () => number, randomBytes: (count: number) => Uint8Array): () => string {
  let last_ms = 0;
  let counter = 0;

  return () => {
    const now_ms = now();
    if (now_ms > last_ms) {
      last_ms = now_ms;
      counter = 0;
    } else if (++counter > 0xfff) {
      last_ms += 1;
      counter = 0;
    }
    const time = last_ms.toString(16).padStart(12, "0");
    const order = counter.toString(16).padStart(3, "0");
    const [variant = 0, ...rest] = randomBytes(8);
    const tail = [(variant & 0x3f) | 0x80, ...rest]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  };
}

/** The ids of this page. */
export const newId = idMaker(Date.now, (count) => crypto.getRandomValues(new Uint8Array(count)));
