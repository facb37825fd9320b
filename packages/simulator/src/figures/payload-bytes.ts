// What the bytes of a payload of 2/MVDS are for.

import { decodePayload } from "@remote-log/mvds";
import type { Bytes } from "./outcome.ts";

/** Records of a run, as they were sent. */
export interface Records {
  offers: number;
  requests: number;
  messages: number;
  acks: number;
}

/** An id in a payload: two bytes for the field, whose numbers are above 2,047, one more, one for the length, and 32. */
const ID_COST = 36;

/** Counts the bytes and records of a payload. */
export function countPayload(payload: Uint8Array, bytes: Bytes, records: Records): void {
  const { acks, offers, requests, messages } = decodePayload(payload);
  records.acks += acks.length;
  records.offers += offers.length;
  records.requests += requests.length;
  records.messages += messages.length;
  const ids = [
    ["ack", acks.length * ID_COST],
    ["offer", offers.length * ID_COST],
    ["request", requests.length * ID_COST],
  ] as const;
  let rest = payload.length;
  for (const [kind, cost] of ids) {
    bytes.add(kind, cost);
    rest -= cost;
  }
  bytes.add("message", rest);
}
