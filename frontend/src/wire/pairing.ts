/** How a device asks to be let in: RFC 8628. */

import { count, fields, type Parsed, parsed, text, textOrNull, word } from "./shape";

/** The code that a person reads on the screen that asks, and the secret that the screen polls with. */
export interface Authorization {
  readonly device_code: string;
  readonly user_code: string;
  readonly expires_in: number;
  readonly interval: number;
  readonly qr_svg: string | null;
}

export function parseAuthorization(data: unknown): Parsed<Authorization> {
  return parsed(() => {
    const answer = fields(data, "answer");
    return {
      device_code: text(answer.device_code, "device_code"),
      user_code: text(answer.user_code, "user_code"),
      expires_in: count(answer.expires_in, "expires_in"),
      interval: count(answer.interval ?? 5, "interval"),
      qr_svg: textOrNull(answer.qr_svg, "qr_svg"),
    };
  });
}

export const DEVICE_ERRORS = {
  authorization_pending: 1,
  slow_down: 1,
  expired_token: 1,
  access_denied: 1,
  invalid_grant: 1,
} as const;

/** OAuth's own shape of a refusal, as the problem that the rest of the page knows. */
export function parseDeviceRefusal(data: unknown) {
  return parsed(() => {
    const type = word(fields(data, "answer").error, DEVICE_ERRORS, "error");
    return { type, title: type, detail: null };
  });
}

/** Admitted: the cookie came along; the token itself is of no use to a page, which keeps no secret. */
export const parseToken = (data: unknown): Parsed<null> =>
  parsed(() => {
    text(fields(data, "answer").access_token, "access_token");
    return null;
  });
