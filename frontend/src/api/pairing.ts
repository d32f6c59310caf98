/** A screen asks to be let in, and whether somebody has done so. */

import { type Authorization, parseAuthorization, parseDeviceRefusal, parseToken } from "../wire/pairing";
import { type Answer, ask, readPlainRefusal } from "./asking";

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
