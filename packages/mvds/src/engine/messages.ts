// The messages that a node keeps, in its database.

import { decodeMvdsMessage, encodeMvdsMessage, type MvdsMessage } from "@remote-log/core";
import { decodeUtf8Loosely, encodeUtf8 } from "@remote-log/core/adapter";
import { ProtobufReader, ProtobufWriter } from "@remote-log/core/wire";
import { hexOf } from "../bytes.ts";
import { type Group, placeOf } from "./groups.ts";
import { bodyKey, messageKey, timeKey, timeKeys } from "./keys.ts";
import type { FilledOptions } from "./options.ts";
import type { Step, Store } from "./store.ts";

/** The place of a message in a log. */
export interface LogPlace {
  readonly logId: Uint8Array;
  readonly sequence: number;
}

/** What is known of a message besides its content. */
export interface MessageFacts {
  readonly groupId: Uint8Array;
  /** Its place in the order of the group: the message's own time, unless that is far ahead. */
  readonly timestamp: bigint;
  /** Whether it waits for its parents. */
  readonly held: boolean;
  /** From whom it came; empty for one that was sent from here. */
  readonly peer: string;
  /** Its place in the log of the one who sent it, if that is known. */
  readonly place: LogPlace | undefined;
}

/** Whether a message is known. */
export async function isKnown(step: Step, id: Uint8Array): Promise<boolean> {
  return (await step.get(messageKey(id))) !== undefined;
}

/** What is known of a message; `undefined` if it is not known. */
export async function factsOf(step: Step, id: Uint8Array): Promise<MessageFacts | undefined> {
  const stored = await step.get(messageKey(id));
  return stored && decodeFacts(stored);
}

/** A message that is known. */
export async function messageOf(step: Pick<Step, "get">, id: Uint8Array): Promise<MvdsMessage | undefined> {
  const stored = await step.get(bodyKey(id));
  return stored && decodeMvdsMessage(stored);
}

/** How far ahead of this device a message may be in the order of its group, in seconds. */
const AHEAD = 86_400;

/**
 * Keeps a message. It is durable once the step is written.
 *
 * @param now - in seconds since 1970: one whose time is far ahead of it must not make all that follows look old
 */
export function keepMessage(
  step: Step,
  group: Group,
  id: Uint8Array,
  message: MvdsMessage,
  facts: Pick<MessageFacts, "held" | "peer" | "place">,
  now: number,
): void {
  const encoded = encodeMvdsMessage(message);
  const latest = BigInt(Math.floor(now) + AHEAD);
  const timestamp = message.timestamp < latest ? message.timestamp : latest;
  changeFacts(step, id, { ...facts, groupId: group.id, timestamp });
  putContent(step, group, id, timestamp, encoded);
  step.durable = true;
  group.messages++;
}

/** Keeps another copy of a message in place of the one that was held. */
export async function replaceMessage(
  step: Step,
  group: Group,
  id: Uint8Array,
  copy: MvdsMessage,
): Promise<void> {
  const facts = (await factsOf(step, id))!;
  group.bytes -= (await step.get(bodyKey(id)))?.length ?? 0;
  changeFacts(step, id, { ...facts, held: false });
  putContent(step, group, id, facts.timestamp, encodeMvdsMessage(copy));
  step.durable = true;
}

function putContent(step: Step, group: Group, id: Uint8Array, timestamp: bigint, encoded: Uint8Array): void {
  step.put(bodyKey(id), encoded);
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, encoded.length);
  step.put(timeKey(group.id, timestamp, id), size);
  group.bytes += encoded.length;
}

/** Writes anew what is known of a message. */
export function changeFacts(step: Step, id: Uint8Array, facts: MessageFacts): void {
  const { groupId, timestamp, held, peer, place } = facts;
  const writer = new ProtobufWriter("Facts");
  writer.bytes(1, groupId);
  writer.int64(2, timestamp);
  writer.bool(3, held);
  writer.bytes(4, encodeUtf8(peer));
  if (place !== undefined) {
    writer.bytes(5, place.logId);
    writer.uint64(6, place.sequence + 1);
  }
  step.put(messageKey(id), writer.finish());
}

/** Deletes a message. */
export async function deleteMessage(step: Step, group: Group, id: Uint8Array): Promise<void> {
  const facts = await factsOf(step, id);
  if (facts === undefined) return;
  const encoded = await step.get(bodyKey(id));
  step.delete(messageKey(id));
  step.delete(bodyKey(id));
  step.delete(timeKey(group.id, facts.timestamp, id));
  group.messages--;
  group.bytes -= encoded?.length ?? 0;
}

/**
 * The oldest messages of a group that have to give way, so that it stays within its limits.
 *
 * @param isNeeded - says which ones may not go yet
 */
export async function oldestMessages(
  store: Store,
  group: Group,
  { maxGroupMessages, maxGroupBytes }: FilledOptions["limits"],
  isNeeded: (id: string) => boolean,
): Promise<ReturnType<typeof placeOf>[]> {
  let { messages, bytes } = group;
  const found: ReturnType<typeof placeOf>[] = [];
  if (messages <= maxGroupMessages && bytes <= maxGroupBytes) return found;
  for await (const [key, size] of store.range(timeKeys(group.id))) {
    const place = placeOf(key);
    if (isNeeded(hexOf(place.id))) continue;
    found.push(place);
    messages--;
    bytes -= new DataView(size.buffer, size.byteOffset).getUint32(0);
    if (messages <= maxGroupMessages && bytes <= maxGroupBytes) break;
  }
  return found;
}

function decodeFacts(bytes: Uint8Array): MessageFacts {
  const reader = new ProtobufReader(bytes, "Facts");
  let groupId: Uint8Array | undefined;
  let timestamp: bigint | undefined;
  let held: boolean | undefined;
  let peer: Uint8Array | undefined;
  let logId: Uint8Array | undefined;
  let sequence: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) groupId = reader.bytesOnce("group_id", groupId);
    else if (reader.field === 2) timestamp = reader.int64Once("timestamp", timestamp);
    else if (reader.field === 3) held = reader.boolOnce("held", held);
    else if (reader.field === 4) peer = reader.bytesOnce("peer", peer);
    else if (reader.field === 5) logId = reader.bytesOnce("log", logId);
    else if (reader.field === 6) sequence = reader.uint64Once("sequence", sequence);
    else reader.skip();
  }
  return {
    groupId: groupId ?? new Uint8Array(),
    timestamp: timestamp ?? 0n,
    held: held ?? false,
    peer: decodeUtf8Loosely(peer ?? new Uint8Array()),
    place: logId && { logId, sequence: (sequence ?? 1) - 1 },
  };
}
