/** Whom a household may ask: the audiences that take it, for a list made on the device. The server ranks by the same. */

import type { Party } from "../vocabulary/parties";
import { persons } from "../vocabulary/parties";
import type { Audience } from "../vocabulary/terms";

/** Best first; null when nobody is said, which is everyone. */
export function audiencesFor(party: Party): readonly Audience[] | null {
  const { women, men, children } = party;
  if (persons(party) === 0) return null;
  if (children > 0) return women + men > 0 ? ["families", "mixed"] : ["minors"];
  if (men === 0) return ["women", "mixed"];
  if (women === 0) return ["men", "mixed"];
  return women === 1 && men === 1 ? ["couples", "mixed", "women", "men"] : ["mixed", "women", "men"];
}
