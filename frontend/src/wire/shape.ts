/** Reading `unknown` without trust: each reader returns the value or throws Malformed with the path. */

export class Malformed extends Error {
  readonly path: string;
  readonly expected: string;

  constructor(path: string, expected: string) {
    super(`${path}: expected ${expected}`);
    this.path = path;
    this.expected = expected;
  }
}

export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown, path: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Malformed(path, "an object");
  return value as Fields;
}

export function list(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Malformed(path, "a list");
  return value;
}

/**
 * Each of a list as `read` takes it. Where one is malformed its place is put before the path then: to spell out every
 * path of four hundred rows beforehand costs a slow phone more than to read them.
 */
export function each<T>(value: unknown, path: string, read: (one: unknown) => T): T[] {
  return list(value, path).map((one, index) => {
    try {
      return read(one);
    } catch (error) {
      throw error instanceof Malformed
        ? new Malformed(`${path}.${index}.${error.path}`, error.expected)
        : error;
    }
  });
}

export const texts = (value: unknown, path: string): string[] =>
  list(value, path).map((one) => text(one, path));

export function text(value: unknown, path: string): string {
  if (typeof value !== "string") throw new Malformed(path, "a text");
  return value;
}

export function textOrNull(value: unknown, path: string): string | null {
  return value === null || value === undefined ? null : text(value, path);
}

/** A number that counts something: whole, zero or more, exact in JavaScript. */
export function count(value: unknown, path: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw new Malformed(path, "a count");
  return value;
}

export function countOrNull(value: unknown, path: string): number | null {
  return value === null || value === undefined ? null : count(value, path);
}

/** A whole number of either sign. */
export function whole(value: unknown, path: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new Malformed(path, "a whole number");
  return value;
}

export function flag(value: unknown, path: string): boolean {
  if (typeof value !== "boolean") throw new Malformed(path, "true or false");
  return value;
}

/** RFC 3339 on the wire, milliseconds since the epoch inside. */
export function moment(value: unknown, path: string): number {
  const at_ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at_ms)) throw new Malformed(path, "a moment");
  return at_ms;
}

export function momentOrNull(value: unknown, path: string): number | null {
  return value === null || value === undefined ? null : moment(value, path);
}

export function word<Words extends object>(value: unknown, words: Words, path: string): keyof Words {
  if (typeof value !== "string" || !Object.hasOwn(words, value)) throw new Malformed(path, "a known word");
  return value as keyof Words;
}

export type Parsed<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "malformed"; readonly why: string };

/** Turns a reader that throws Malformed into a value with a tag; every other error passes. */
export function parsed<T>(read: () => T): Parsed<T> {
  try {
    return { kind: "ok", value: read() };
  } catch (error) {
    if (error instanceof Malformed || error instanceof SyntaxError)
      return { kind: "malformed", why: error.message };
    throw error;
  }
}
