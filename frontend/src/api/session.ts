/** Who is here, and leaving. */

import { parseSession, type Who } from "../wire/session";
import { type Answer, ask, readNothing, readPlainRefusal } from "./asking";

export const whoAmI = (): Promise<Answer<Who | null>> =>
  ask({ path: "/v1/session", read: parseSession, readRefusal: readPlainRefusal });

export const signOut = (): Promise<Answer<null>> =>
  ask({ method: "DELETE", path: "/v1/session", read: readNothing, readRefusal: readPlainRefusal });

/** A new secret for the same session. */
export const rotate = (): Promise<Answer<null>> =>
  ask({ method: "POST", path: "/v1/session/rotation", read: readNothing, readRefusal: readPlainRefusal });
