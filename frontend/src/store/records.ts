/**
 * A hold as this device knows it: what it asked, what it has to tell, and what the server said last. Values only.
 *
 * Nothing is ever "held" here before the server said so, and nothing that was tapped is dropped before it
 * was answered.
 */

import type { HoldReply } from "../api/holds";
import type { ReleaseReason, Said } from "../vocabulary/holds";
import type { Party } from "../vocabulary/parties";
import { HOLD_ENDED, type Hold, type Line } from "../wire/holds";
import type { Problem } from "../wire/problems";

/** What a person says of a hold. An extension asks, an acceptance allows; the others tell a fact. */
export type Telling =
  | { readonly verb: "arrival"; readonly lines: readonly Line[] | null }
  | { readonly verb: "release"; readonly reason: ReleaseReason }
  | { readonly verb: "extension"; readonly minutes: number }
  | { readonly verb: "acceptance" }
  | { readonly verb: "statement"; readonly says: Said };

export interface Told {
  /** The command's id, the same through every resend. */
  readonly id: string;
  readonly telling: Telling;
  /** By the device's clock. */
  readonly tapped_ms: number;
}

/**
 * `asking`: not answered yet, so not held as far as anyone knows. `leaving`: given up while asking; released if
 * it was granted after all. `refused`: it never was held.
 */
export type RecordState = "asking" | "leaving" | "refused" | "held" | "ended";

export interface HoldSite {
  readonly id: string;
  readonly name: string;
  readonly phone: string | null;
  readonly address: string | null;
}

export interface HoldRecord {
  /** The hold's id, which is the id of the command that asks for it. */
  readonly id: string;
  readonly territory: string;
  readonly site: HoldSite | null;
  readonly lines: readonly Line[];
  readonly party: Party | null;
  readonly minutes: number;
  /** By the device's clock. */
  readonly asked_ms: number;
  readonly state: RecordState;
  /** As the server said it last. */
  readonly hold: Hold | null;
  readonly told: Told | null;
  /** What we said of a hold that had ended otherwise, kept beside the other side's word. */
  readonly kept: Said | null;
  /** Who came all the same of a hold that had ended; they are counted by no hold. */
  readonly came: readonly Line[] | null;
  readonly problem: Problem | null;
  /** When it ended by our own word, by the device's clock: such a record leaves by itself. */
  readonly over_ms: number | null;
  /** The command that asks for a protected address, kept so that it can be asked again; the address never is. */
  readonly address_id?: string;
}

export type Wish = Pick<HoldRecord, "territory" | "site" | "lines" | "party" | "minutes">;

/** So long a tap can be taken back before it is sent. */
export const UNDO_MS = 5_000;
/** After so long without an answer nobody stands there any more: we only look whether it was granted. */
export const STALE_WISH_MS = 10 * 60_000;
/** A hold that ended by our own word is told for so long. */
export const OVER_SHOWN_MS = 60_000;

export const UNKNOWN_HOLD = "/problems/unknown-hold";
/** Our own: the server never answered, and does not know of it. */
export const NEVER_HELD = "never-held";

export function recordOf(id: string, wish: Wish, asked_ms: number): HoldRecord {
  return {
    ...wish,
    id,
    asked_ms,
    state: "asking",
    hold: null,
    told: null,
    kept: null,
    came: null,
    problem: null,
    over_ms: null,
  };
}

/** A hold that someone else made, as on the tablet of its site. */
export function recordOfHold(territory: string, hold: Hold, now_ms: number): HoldRecord {
  const wish = { territory, site: null, lines: hold.lines, party: hold.party, minutes: 0 };
  return withHold(recordOf(hold.id, wish, now_ms), hold);
}

export function withHold(record: HoldRecord, hold: Hold): HoldRecord {
  return { ...record, hold, lines: hold.lines, state: hold.state === "active" ? "held" : "ended" };
}

/** What a telling says became of the people; null for what says nothing of them. */
export function saidBy(telling: Telling): Said | null {
  if (telling.verb === "arrival") return "arrived";
  if (telling.verb === "statement") return telling.says;
  return telling.verb === "release" && telling.reason !== "cancelled" ? telling.reason : null;
}

/** How a hold ended, in the words of a statement; null when its end says nothing of the people. */
export function endOf(hold: Hold): Said | null {
  if (hold.state === "arrived") return "arrived";
  const { reason } = hold;
  return reason === null || reason === "cancelled" || reason === "pool_gone" ? null : reason;
}

/** Until when a tap waits so that it can be taken back; a clock that was set back makes nobody wait. */
export function dueAt({ telling, tapped_ms }: Told, now_ms: number): number {
  const canBeUndone = telling.verb === "arrival" || telling.verb === "release";
  return canBeUndone && tapped_ms <= now_ms ? tapped_ms + UNDO_MS : now_ms;
}

type Decided = Exclude<HoldReply, { kind: "unanswered" }>;

/** After the answer to the wish itself; null when there is nothing to keep any more. */
export function afterAsking(record: HoldRecord, reply: Decided): HoldRecord | null {
  // Given up while the question was on its way: what was granted is still to be released.
  if (record.state === "leaving") return reply.kind === "ok" ? { ...record, hold: reply.value.hold } : null;
  if (reply.kind === "ok") return withHold(record, reply.value.hold);
  return { ...record, state: "refused", problem: reply.problem };
}

/** After a look at the hold. */
export function afterLook(record: HoldRecord, reply: Decided): HoldRecord {
  if (reply.kind === "ok") return withHold(record, reply.value.hold);
  if (reply.problem.type !== UNKNOWN_HOLD) return { ...record, problem: reply.problem };
  if (record.state === "asking")
    return { ...record, state: "refused", problem: { ...reply.problem, type: NEVER_HELD } };
  return { ...record, state: "ended", told: null, problem: reply.problem };
}

/**
 * After the answer to what we told. Of a hold that had ended otherwise our word is kept as a statement, under
 * `next_id`, unless it says what is known.
 */
export function afterTelling(
  record: HoldRecord,
  { telling }: Told,
  reply: Decided,
  now_ms: number,
  next_id: string,
): HoldRecord {
  const said = saidBy(telling);
  if (reply.kind === "ok") {
    const next = { ...withHold(record, reply.value.hold), told: null, problem: null };
    if (telling.verb === "statement") return { ...next, kept: telling.says };
    return next.state === "ended" ? { ...next, over_ms: now_ms } : next;
  }
  const { problem } = reply;
  if (problem.type === UNKNOWN_HOLD) return { ...record, state: "ended", told: null, problem };
  const hold = problem.hold ?? record.hold;
  if (problem.type !== HOLD_ENDED || hold === null) return { ...record, told: null, problem };
  const next: HoldRecord = { ...withHold(record, hold), told: null, problem };
  if (said === null || said === endOf(hold)) return next;
  return {
    ...next,
    came: telling.verb === "arrival" ? (telling.lines ?? hold.lines) : null,
    told: { id: next_id, telling: { verb: "statement", says: said }, tapped_ms: now_ms },
  };
}

/** What is to be said to the server next about a record, if anything. */
export type Errand = "ask" | "look" | "leave" | "tell";

export function errandOf(record: HoldRecord, now_ms: number, isDoubtful: boolean): Errand | null {
  if (record.state === "leaving") return "leave";
  if (record.state === "asking") return now_ms - record.asked_ms > STALE_WISH_MS ? "look" : "ask";
  if (record.told !== null && dueAt(record.told, now_ms) <= now_ms) return "tell";
  return isDoubtful && record.state === "held" ? "look" : null;
}

export const isForgotten = ({ over_ms }: HoldRecord, now_ms: number): boolean =>
  over_ms !== null && (now_ms < over_ms || now_ms - over_ms >= OVER_SHOWN_MS);

/** When something about these records falls due by itself; null for never. */
export function nextDue(records: readonly HoldRecord[], now_ms: number): number | null {
  const dues = records.flatMap(({ told, over_ms }) => [
    ...(told === null ? [] : [dueAt(told, now_ms)]),
    ...(over_ms === null ? [] : [over_ms + OVER_SHOWN_MS]),
  ]);
  return dues.length === 0 ? null : Math.min(...dues);
}
