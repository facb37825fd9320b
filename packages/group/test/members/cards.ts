// Cards and records of devices that nobody has.

import { formatLink } from "@remote-log/core";
import type { Card, MembershipRecord } from "../../src/members/records.ts";

export const recipient = `age1${"q".repeat(58)}`;

/** The id of a log of a device: `a` has its messages, `b` its attachments, and `c` is its control log. */
export function idOf(device: number, kind: "a" | "b" | "c"): string {
  return kind + device.toString(16).padStart(63, "0");
}

export function cardOf(device: number): Card {
  const link = (kind: "a" | "b" | "c"): string =>
    formatLink({ logId: idOf(device, kind), remotes: ["https://example.org/"] });
  return {
    messages: link("a"),
    control: link("c"),
    attachments: link("b"),
    recipient,
    name: `device ${device}`,
  };
}

export function added(
  device: number,
  more: { admin?: boolean; ownDevice?: boolean; history?: boolean } = {},
): MembershipRecord & { readonly type: "add" } {
  const { admin = false, ownDevice = false, history = true } = more;
  return { type: "add", card: cardOf(device), ownDevice, invite: 0, admin, history, given: [] };
}

export function removed(device: number, messages = 5, control = 1): MembershipRecord {
  return { type: "remove", member: idOf(device, "a"), messages, control };
}
