/** What a person keeps in order for themselves: sessions, the second factor, and other ways to sign in. */

import { fields, flag, list, momentOrNull, type Parsed, parsed, text } from "./shape";

export interface OwnSession {
  readonly id: string;
  readonly label: string;
  readonly created_ms: number | null;
  readonly used_ms: number | null;
  readonly expires_ms: number | null;
  readonly current: boolean;
}

export function parseSessions(data: unknown): Parsed<readonly OwnSession[]> {
  return parsed(() =>
    list(fields(data, "answer").sessions, "sessions").map((one, index) => {
      const session = fields(one, `sessions.${index}`);
      return {
        id: text(session.id, "id"),
        label: text(session.label, "label"),
        created_ms: momentOrNull(session.created_at, "created_at"),
        used_ms: momentOrNull(session.last_used_at, "last_used_at"),
        expires_ms: momentOrNull(session.expires_at, "expires_at"),
        current: flag(session.current, "current"),
      };
    }),
  );
}

export interface NewSecret {
  readonly secret: string;
  readonly uri: string;
  readonly qr_svg: string;
}

export function parseSecret(data: unknown): Parsed<NewSecret> {
  return parsed(() => {
    const answer = fields(data, "answer");
    return {
      secret: text(answer.secret, "secret"),
      uri: text(answer.uri, "uri"),
      qr_svg: text(answer.qr_svg, "qr_svg"),
    };
  });
}

export function parseRecoveryCodes(data: unknown): Parsed<readonly string[]> {
  return parsed(() =>
    list(fields(data, "answer").recovery_codes, "recovery_codes").map((code) => text(code, "recovery_codes")),
  );
}

export interface Provider {
  readonly id: string;
  readonly name: string;
}

export function parseProviders(data: unknown): Parsed<readonly Provider[]> {
  return parsed(() =>
    list(fields(data, "answer").providers, "providers").map((one) => {
      const provider = fields(one, "provider");
      return { id: text(provider.id, "id"), name: text(provider.name, "name") };
    }),
  );
}
