/** What was done, as the register of acts says it: the words of `acts.json`, one for each act that the service notes. */

import words from "./acts.json";

const ACTS: Readonly<Record<string, string>> = words;

/** What this page does not know yet is said as it came. */
export const actInWords = (action: string): string => ACTS[action] ?? action;
