/** Devices: who asks to be let in, letting in, and shutting out. */

import type { Role } from "../vocabulary/roles";
import {
  type Device,
  type DeviceRequest,
  type NewToken,
  parseDevice,
  parseDeviceRequest,
  parseDevices,
  parseNewToken,
} from "../wire/devices";
import { type Answer, ask, pathOf, readNothing, readPlainRefusal } from "./asking";

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
