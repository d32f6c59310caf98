/** Pages that turn by themselves, for a screen that nobody touches. */

/** The items cut into pages of `size`, at most `most` pages; one empty page when there is nothing. */
export function pagesOf<T>(items: readonly T[], size: number, most: number): T[][] {
  const pages: T[][] = [];
  for (let start = 0; start < items.length && pages.length < most; start += size) {
    pages.push(items.slice(start, start + size));
  }
  return pages.length === 0 ? [[]] : pages;
}

/**
 * The order on a wall: frozen while a page is read, so that no line moves under the eyes. Lines that were
 * there stay where they were, new ones come after them.
 */
export function steadyOrder<T>(
  frozen: readonly string[],
  items: readonly T[],
  idOf: (item: T) => string,
): T[] {
  const place = new Map(frozen.map((id, index) => [id, index]));
  const rank = (item: T) => place.get(idOf(item)) ?? Number.POSITIVE_INFINITY;
  return [...items].sort((one, other) => {
    const [here, there] = [rank(one), rank(other)];
    return here === there ? 0 : here - there;
  });
}

/**
 * The order to keep when a page turns: lines already read stay in their place, so that no later one slips
 * onto a page that has gone by; among those still to come, the ones that lost their room are left out.
 */
export function orderAfterTurn<T>(
  lines: readonly T[],
  read: number,
  hasRoom: (line: T) => boolean,
  idOf: (line: T) => string,
): string[] {
  return [...lines.slice(0, read), ...lines.slice(read).filter(hasRoom)].map(idOf);
}

/** The items cut into rows that are no wider than `most`, in their order; each row has at least one. */
export function rowsOf<T>(items: readonly T[], widthOf: (item: T) => number, most: number): T[][] {
  const rows: T[][] = [];
  let left = 0;
  for (const item of items) {
    const width = widthOf(item);
    if (rows.length === 0 || width > left) {
      rows.push([]);
      left = most;
    }
    rows[rows.length - 1]?.push(item);
    left -= width;
  }
  return rows.length === 0 ? [[]] : rows;
}
