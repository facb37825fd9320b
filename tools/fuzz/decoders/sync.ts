// Data sync: payloads of 2/MVDS, what logs say of each other, messages of SDS and their hints.

import { decodeMvdsMessage, encodeMvdsMessage } from "../../../packages/core/src/wire/mvds-message.ts";
import { itemOf, READ_GROUP, readStatement } from "../../../packages/mvds/src/log/read-statement.ts";
import { decodeRetrievalHint, encodeRetrievalHint } from "../../../packages/mvds/src/sds/retrieval-hint.ts";
import {
  decodeSdsMessage,
  encodeSdsMessage,
  type SdsMessage,
} from "../../../packages/mvds/src/sds/sds-message.ts";
import { decodePayload, encodePayload, type Payload } from "../../../packages/mvds/src/wire/payload.ts";
import { bytesOf, type Decoder, MALFORMED, promise } from "../decoder.ts";
import { mostly } from "../mutate/bytes.ts";
import { mutateProtobuf } from "../mutate/protobuf.ts";
import { keepsItsMeaning } from "./messages.ts";

/** Decoders of data sync. */
export const sync: readonly Decoder[] = [
  {
    name: "mvds-payload",
    share: 16,
    mutate: mostly(mutateProtobuf({ 5004: { 6004: {} }, 5005: {} })),
    refusals: MALFORMED,
    check: (input) => keepsItsMeaning(decodePayload(input), encodePayload, (bytes) => decodePayload(bytes)),
  },
  {
    name: "mvds-payload-of-reference",
    mutate: mostly(mutateProtobuf({ 4: { 4: {} } })),
    refusals: MALFORMED,
    check: (input) =>
      keepsItsMeaning(
        decodePayload(input, "reference"),
        (payload: Payload) => encodePayload(payload, "reference"),
        (bytes) => decodePayload(bytes, "reference"),
      ),
  },
  {
    name: "read-statement",
    mutate: mostly(mutateProtobuf({ 1: {} })),
    refusals: MALFORMED,
    check: (body) => {
      const item = itemOf(1, { groupId: READ_GROUP, timestamp: 1n, body, parents: [], ephemeral: false });
      if (item.kind !== "read") return;
      const encoded = encodeMvdsMessage(readStatement(item.reads, 1n));
      const again = itemOf(1, decodeMvdsMessage(encoded));
      promise(
        again.kind === "read" && again.reads.length === item.reads.length,
        "a statement lost a stretch",
      );
    },
  },
  ...(["spec", "nim"] as const).map(
    (dialect): Decoder => ({
      name: `sds-message-of-${dialect}`,
      mutate: mostly(mutateProtobuf(dialect === "spec" ? { 11: {}, 13: {} } : { 3: {}, 13: {} })),
      refusals: MALFORMED,
      check: (input) => {
        const message = decodeSdsMessage(input, dialect);
        // What has no id can be read, and is not written.
        const entries = [...message.causalHistory, ...message.repairRequest];
        if (entries.some(({ messageId }) => messageId === "")) return;
        const decode = (bytes: Uint8Array): SdsMessage => withoutEmpty(decodeSdsMessage(bytes, dialect));
        keepsItsMeaning(withoutEmpty(message), (value) => encodeSdsMessage(value, dialect), decode);
      },
    }),
  ),
  {
    name: "retrieval-hint",
    mutate: mostly(mutateProtobuf({})),
    refusals: MALFORMED,
    check: (input) =>
      keepsItsMeaning(decodeRetrievalHint(input), encodeRetrievalHint, (bytes) => decodeRetrievalHint(bytes)),
  },
];

/** A message of SDS, without fields that are there and empty: they mean the same as none. */
function withoutEmpty(message: SdsMessage): SdsMessage {
  const full = (value: unknown): boolean =>
    value instanceof Uint8Array || typeof value === "string" ? value.length > 0 : value !== 0;
  const entries = (list: SdsMessage["causalHistory"]): SdsMessage["causalHistory"] =>
    list.map(
      (entry) => Object.fromEntries(Object.entries(entry).filter(([, value]) => full(value))) as never,
    );
  const { bloomFilter, lamportTimestamp, causalHistory, repairRequest, ...rest } = message;
  return {
    ...rest,
    ...(bloomFilter !== undefined && full(bloomFilter) && { bloomFilter }),
    ...(lamportTimestamp !== undefined && full(lamportTimestamp) && { lamportTimestamp }),
    causalHistory: entries(causalHistory),
    repairRequest: entries(repairRequest),
  };
}

/** Valid inputs of these decoders, and of that of messages. */
export function syncCorpus(groupId: Uint8Array, parent: Uint8Array): Record<string, readonly Uint8Array[]> {
  const id = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
  const body = bytesOf("68656c6c6f");
  const message = {
    groupId: id(7),
    timestamp: 1_800_000_000n,
    body,
    parents: [id(1), id(2)],
    ephemeral: false,
  };
  const payload = {
    acks: [id(3)],
    offers: [id(4), id(5)],
    requests: [id(6)],
    messages: [message, { ...message, parents: [], ephemeral: true }],
  };
  const groupOffers = [{ groupId: id(7), messageIds: [id(8), id(9)] }];
  const logId = "ab".repeat(32);
  const hint = encodeRetrievalHint({ kind: "entry", logId, sequence: 300 });
  const sds: SdsMessage = {
    senderId: "alice",
    messageId: "m1",
    channelId: "chat",
    lamportTimestamp: 1_800_000_000_000,
    causalHistory: [{ messageId: "m0", retrievalHint: hint, senderId: "bob" }],
    bloomFilter: id(1),
    repairRequest: [{ messageId: "mr" }],
    content: body,
  };
  return {
    "mvds-message": [0, 1].map((i) =>
      encodeMvdsMessage({
        groupId,
        timestamp: i === 0 ? 1n : -5n,
        body,
        parents: i === 0 ? [] : [groupId, parent],
        ephemeral: i === 1,
      }),
    ),
    "mvds-payload": [encodePayload(payload), encodePayload({ ...payload, messages: [], groupOffers })],
    "mvds-payload-of-reference": [encodePayload(payload, "reference")],
    "read-statement": [
      readStatement(
        [
          { logId: id(1), first: 0, end: 3 },
          { logId: id(2), first: 300, end: 70_000 },
        ],
        1n,
      ).body,
    ],
    "sds-message-of-spec": [encodeSdsMessage(sds, "spec")],
    "sds-message-of-nim": [encodeSdsMessage(sds, "nim")],
    "retrieval-hint": [hint, bytesOf(`1a240155 1220${"22".repeat(32)}`.replaceAll(" ", ""))],
  };
}
