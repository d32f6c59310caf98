/** Signing in, and what a person keeps in order for themselves. */

import {
  type NewSecret,
  type OwnSession,
  type Provider,
  parseProviders,
  parseRecoveryCodes,
  parseSecret,
  parseSessions,
} from "../wire/account";
import type { Problem } from "../wire/problems";
import { parseSession, type Who } from "../wire/session";
import type { Parsed } from "../wire/shape";
import { type Answer, ask, readNothing, readPlainRefusal } from "./asking";

export const WRONG_CREDENTIALS = "/problems/wrong-credentials";
export const CODE_NEEDED = "/problems/code-needed";
export const TOO_MANY_TRIES = "/problems/too-many-tries";

type Method = "GET" | "POST" | "PUT" | "DELETE";

const say = <T>(method: Method, path: string, read: (data: unknown) => Parsed<T>, body?: object) =>
  ask<T, Problem>({
    method,
    path,
    ...(body === undefined ? {} : { body }),
    read,
    readRefusal: readPlainRefusal,
  });

/** `code` is of the second factor, or a recovery code. */
export const signIn = (email: string, password: string, code: string | null): Promise<Answer<Who | null>> =>
  say("POST", "/v1/session", parseSession, { email, password, ...(code === null ? {} : { code }) });

/** The secret of a one-time link. */
export const signInByLink = (secret: string): Promise<Answer<Who | null>> =>
  say("POST", "/v1/session/link", parseSession, { secret });

export const ownSessions = (): Promise<Answer<readonly OwnSession[]>> =>
  say("GET", "/v1/sessions", parseSessions);
export const endSession = (id: string): Promise<Answer<null>> =>
  say("DELETE", `/v1/sessions/${encodeURIComponent(id)}`, readNothing);

/** `current` is not needed right after a link. */
export const setPassword = (password: string, current: string | null): Promise<Answer<null>> =>
  say("PUT", "/v1/me/password", readNothing, { password, ...(current === null ? {} : { current }) });

export const newSecondFactor = (): Promise<Answer<NewSecret>> => say("POST", "/v1/me/totp", parseSecret);
export const confirmSecondFactor = (code: string): Promise<Answer<readonly string[]>> =>
  say("PUT", "/v1/me/totp", parseRecoveryCodes, { code });
export const dropSecondFactor = (code: string): Promise<Answer<null>> =>
  say("DELETE", "/v1/me/totp", readNothing, { code });

export const providers = (): Promise<Answer<readonly Provider[]>> => say("GET", "/v1/oidc", parseProviders);
