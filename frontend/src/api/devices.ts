/** Devices: asking to be let in, letting in, and shutting out. */

import type { Role } from "../vocabulary/roles";
import {
  type Authorization,
  type Device,
  type DeviceRequest,
  type NewToken,
  parseAuthorization,
  parseDevice,
  parseDeviceRefusal,
  parseDeviceRequest,
  parseDevices,
  parseNewToken,
  parseToken,
} from "../wire/devices";
import { type Answer, ask, pathOf, readNothing, readPlainRefusal } from "./asking";

const GRANT = "urn:ietf:params:oauth:grant-type:device_code";

export const askToBeLetIn = (client_id: string, label: string | null): Promise<Answer<Authorization>> =>
  ask({
    method: "POST",
    path: "/v1/devices/authorization",
    body: { client_id, ...(label === null ? {} : { label }) },
    read: parseAuthorization,
    readRefusal: readPlainRefusal,
  });

/** Ok once: this device is let in, and the cookie came with the answer. */
export const askWhetherLetIn = (client_id: string, device_code: string): Promise<Answer<null>> =>
  ask({
    method: "POST",
    path: "/v1/devices/token",
    body: { grant_type: GRANT, device_code, client_id },
    read: parseToken,
    readRefusal: parseDeviceRefusal,
  });

export const deviceRequest = (territory: string, user_code: string): Promise<Answer<DeviceRequest>> =>
  ask({
    path: pathOf(territory, "devices", "requests", user_code),
    read: parseDeviceRequest,
    readRefusal: readPlainRefusal,
  });

export interface Approval {
  readonly role: Role;
  readonly sites: readonly string[];
  readonly label: string;
}

export const approve = (territory: string, user_code: string, approval: Approval): Promise<Answer<Device>> =>
  ask({
    method: "POST",
    path: pathOf(territory, "devices", "requests", user_code),
    body: { decision: "approve", ...approval },
    read: parseDevice,
    readRefusal: readPlainRefusal,
  });

export const deny = (territory: string, user_code: string): Promise<Answer<null>> =>
  ask({
    method: "POST",
    path: pathOf(territory, "devices", "requests", user_code),
    body: { decision: "deny" },
    read: readNothing,
    readRefusal: readPlainRefusal,
  });

export const devicesOf = (territory: string, signal?: AbortSignal): Promise<Answer<readonly Device[]>> =>
  ask({ path: pathOf(territory, "devices"), signal, read: parseDevices, readRefusal: readPlainRefusal });

export const revokeDevice = (territory: string, id: string): Promise<Answer<null>> =>
  ask({
    method: "DELETE",
    path: pathOf(territory, "devices", id),
    read: readNothing,
    readRefusal: readPlainRefusal,
  });

export const newToken = (
  territory: string,
  token: Approval & { readonly days: number },
): Promise<Answer<NewToken>> =>
  ask({
    method: "POST",
    path: pathOf(territory, "tokens"),
    body: token,
    read: parseNewToken,
    readRefusal: readPlainRefusal,
  });
