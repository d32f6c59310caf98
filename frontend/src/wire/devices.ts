/** Devices that ask to be let in, and those that were. */

import { ROLES, type Role } from "../vocabulary/roles";
import { readSiteIds } from "./session";
import { fields, list, moment, momentOrNull, type Parsed, parsed, text, textOrNull, word } from "./shape";

export interface DeviceRequest {
  readonly user_code: string;
  readonly client_id: string;
  readonly label: string | null;
  readonly asked_ms: number;
  readonly expires_ms: number;
}

export function parseDeviceRequest(data: unknown): Parsed<DeviceRequest> {
  return parsed(() => {
    const request = fields(fields(data, "answer").request, "request");
    return {
      user_code: text(request.user_code, "user_code"),
      client_id: text(request.client_id, "client_id"),
      label: textOrNull(request.label, "label"),
      asked_ms: moment(request.asked_at, "asked_at"),
      expires_ms: moment(request.expires_at, "expires_at"),
    };
  });
}

export interface Device {
  readonly id: string;
  readonly kind: "device" | "token";
  readonly label: string;
  readonly role: Role;
  readonly sites: readonly string[];
  readonly created_ms: number | null;
  readonly used_ms: number | null;
  readonly expires_ms: number | null;
  readonly revoked_ms: number | null;
}

export function parseDevices(data: unknown): Parsed<readonly Device[]> {
  return parsed(() =>
    list(fields(data, "answer").devices, "devices").map((one, index) => readDevice(one, `devices.${index}`)),
  );
}

export const parseDevice = (data: unknown): Parsed<Device> =>
  parsed(() => readDevice(fields(data, "answer").device, "device"));

function readDevice(value: unknown, path: string): Device {
  const device = fields(value, path);
  return {
    id: text(device.id, `${path}.id`),
    kind: word(device.kind ?? "device", { device: 1, token: 1 } as const, `${path}.kind`),
    label: textOrNull(device.label, `${path}.label`) ?? "",
    role: word(device.role, ROLES, `${path}.role`),
    sites: readSiteIds(device.sites, `${path}.sites`),
    created_ms: momentOrNull(device.created_at, `${path}.created_at`),
    used_ms: momentOrNull(device.last_used_at, `${path}.last_used_at`),
    expires_ms: momentOrNull(device.expires_at, `${path}.expires_at`),
    revoked_ms: momentOrNull(device.revoked_at, `${path}.revoked_at`),
  };
}

export interface NewToken {
  readonly token: string;
  readonly device: Device;
}

export const parseNewToken = (data: unknown): Parsed<NewToken> =>
  parsed(() => {
    const answer = fields(data, "answer");
    return { token: text(answer.token, "token"), device: readDevice(answer.device, "device") };
  });

/** "k7f2r9m4", "K7F2 R9M4" and "k7f2-r9m4" are the same code; null for what cannot be one. */
export function tidyCode(typed: string): string | null {
  const signs = typed.toUpperCase().replace(/[^A-Z0-9]/g, "");
  return signs.length === 8 ? `${signs.slice(0, 4)}-${signs.slice(4)}` : null;
}
