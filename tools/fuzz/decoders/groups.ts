// Groups: what members append to their logs, what newcomers leave, and invitations.

import { formatLink } from "../../../packages/core/src/index.ts";
import { formatInvitation, parseInvitation } from "../../../packages/group/src/invite/invite-link.ts";
import {
  type Card,
  decodeCard,
  decodeRecord,
  encodeCard,
  encodeRecord,
} from "../../../packages/group/src/members/records.ts";
import { decodeWelcome, encodeWelcome } from "../../../packages/group/src/members/welcome.ts";
import { decodeEnvelope, encodeEnvelope } from "../../../packages/group/src/wire/envelope.ts";
import { bytesOf, type Decoder, MALFORMED, promise, UNUSABLE } from "../decoder.ts";
import { mutateBytes } from "../mutate/bytes.ts";
import { mutateText, textIn } from "../mutate/text.ts";
import { keepsItsMeaning } from "./messages.ts";

/** What has one encoding: the bytes that are accepted are those that it is encoded to. */
function oneEncoding<T>(
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
): Decoder["check"] {
  return (input) => {
    keepsItsMeaning(decode(input), encode, decode);
    promise(Buffer.from(encode(decode(input))).equals(input), "it has two encodings");
  };
}

/** Decoders of groups. */
export const groups: readonly Decoder[] = [
  {
    name: "group-message",
    mutate: mutateBytes,
    refusals: MALFORMED,
    check: oneEncoding(decodeEnvelope, encodeEnvelope),
  },
  {
    name: "control-record",
    mutate: mutateBytes,
    refusals: MALFORMED,
    check: oneEncoding(decodeRecord, encodeRecord),
  },
  {
    name: "member-card",
    mutate: mutateBytes,
    refusals: MALFORMED,
    check: oneEncoding(decodeCard, encodeCard),
  },
  {
    name: "welcome",
    mutate: mutateBytes,
    refusals: MALFORMED,
    check: oneEncoding(decodeWelcome, encodeWelcome),
  },
  {
    name: "invitation",
    mutate: mutateText,
    refusals: UNUSABLE,
    check: (input) => {
      const invitation = parseInvitation(textIn(input));
      const again = parseInvitation(formatInvitation(invitation));
      promise(JSON.stringify(again) === JSON.stringify(invitation), "an invitation means something else");
    },
  },
];

/** Valid inputs of these decoders. */
export function groupsCorpus(): Record<string, readonly Uint8Array[]> {
  const log = (digit: string): string => digit.repeat(64);
  const link = (digit: string): string =>
    formatLink({ logId: log(digit), remotes: ["s3://bucket/logs", "https://example.org/"] });
  const card: Card = {
    messages: link("a"),
    control: link("b"),
    attachments: link("c"),
    recipient: `age1${"q".repeat(58)}`,
    name: "Alice's phone",
  };
  const key = new Uint8Array(32).fill(5);
  const parents = [
    { log: log("1"), sequence: 0 },
    { log: log("2"), sequence: 70_000 },
  ];
  const message = { time: 1_800_000_000_000, type: "note", version: 1, body: bytesOf("68656c6c6f") };
  const attachments = [
    {
      parts: [
        { first: 0, count: 2 },
        { first: 300, count: 1 },
      ],
      bytes: 2_500_000,
      size: 1_048_576,
      key,
    },
  ];
  const members = [
    { card, depth: 0, person: log("a"), admin: true, history: true, messagesKey: { epoch: 2, key } },
    { card, depth: 1, person: log("a"), admin: false, history: false, controlKey: { epoch: 0, key } },
  ];
  const given = [{ member: "ab".repeat(8), messages: 2 }, { member: "cd".repeat(8) }];
  const rights = { ownDevice: false, admin: true, history: true };
  return {
    "group-message": [
      encodeEnvelope({ ...message, parents, attachments }),
      encodeEnvelope({ ...message, parents: [], attachments: [] }),
    ],
    "control-record": [
      encodeRecord({ type: "create", card }),
      encodeRecord({ type: "invite", number: 3, expires: 2 ** 48 - 1, ...rights }),
      encodeRecord({ type: "take-back", number: 3 }),
      encodeRecord({ type: "add", card, invite: 3, given, ...rights }),
      encodeRecord({ type: "remove", member: log("a"), messages: 300, control: 2 }),
    ],
    "member-card": [encodeCard(card)],
    welcome: [encodeWelcome({ group: log("b"), members })],
    invitation: [1_800_000_000_000, Number.POSITIVE_INFINITY].map((expires) =>
      new TextEncoder().encode(
        formatInvitation({
          welcome: { logId: log("b"), remotes: ["s3://bucket/logs"] },
          secret: key,
          expires,
        }),
      ),
    ),
  };
}
