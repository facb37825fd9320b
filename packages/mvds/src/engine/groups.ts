// The groups of a node: who belongs to each, and which of its messages have no children.

import { InvalidInputError, type MvdsMessage } from "@remote-log/core";
import { decodeUtf8, encodeUtf8 } from "@remote-log/core/adapter";
import { ProtobufReader, ProtobufWriter } from "@remote-log/core/wire";
import { bytesOf, hexOf, int64Of } from "../bytes.ts";
import { ID_BYTES } from "../wire/payload.ts";
import { groupKey, groupKeys, headKey, headKeys, timeKeys } from "./keys.ts";
import type { FilledOptions } from "./options.ts";
import type { Step, Store } from "./store.ts";

/** The longest name of a peer, in bytes. */
const PEER_BYTES = 256;

/** The place of a message among those of its group. */
export interface Place {
  readonly timestamp: bigint;
  readonly id: Uint8Array;
}

/** A group. */
export interface Group {
  readonly id: Uint8Array;
  members: ReadonlySet<string>;
  /** The newest message that was forgotten: nothing up to it is taken any more. */
  floor: Place | undefined;
  /** Messages that no other has as a parent. */
  readonly heads: Set<string>;
  /** How many messages it keeps, and how many bytes they take. */
  messages: number;
  bytes: number;
}

/** The groups of a node, in memory and in the database. */
export class Groups {
  readonly #options: FilledOptions;
  readonly #groups = new Map<string, Group>();

  constructor(options: FilledOptions) {
    this.#options = options;
  }

  /** Reads the groups that an earlier run left. */
  async load(store: Store): Promise<void> {
    for await (const [key, value] of store.range(groupKeys)) {
      const id = key.slice(1);
      const group: Group = { id, ...decode(value), heads: new Set(), messages: 0, bytes: 0 };
      this.#groups.set(hexOf(id), group);
    }
    for (const group of this.all) {
      for await (const [key] of store.range(headKeys(group.id))) group.heads.add(hexOf(key.slice(-ID_BYTES)));
      for await (const [, size] of store.range(timeKeys(group.id))) {
        group.messages++;
        group.bytes += new DataView(size.buffer, size.byteOffset).getUint32(0);
      }
    }
  }

  get all(): Group[] {
    return [...this.#groups.values()];
  }

  of(groupId: Uint8Array): Group | undefined {
    return this.#groups.get(hexOf(groupId));
  }

  /** Whether a peer is a member of any group. */
  knows(peer: string): boolean {
    return this.all.some(({ members }) => members.has(peer));
  }

  /**
   * Says who belongs to a group besides this node.
   *
   * @returns the group, and who does not belong to it any more
   */
  set(step: Step, groupId: Uint8Array, members: readonly string[]): { group: Group; left: string[] } {
    checkGroup(groupId, members, this.#options.limits.maxMembers);
    const id = groupId.slice();
    const group = this.of(id) ?? {
      id,
      members: new Set<string>(),
      floor: undefined,
      heads: new Set<string>(),
      messages: 0,
      bytes: 0,
    };
    const left = [...group.members].filter((peer) => !members.includes(peer));
    group.members = new Set(members);
    this.#groups.set(hexOf(id), group);
    this.#save(step, group);
    return { group, left };
  }

  remove(step: Step, group: Group): void {
    this.#groups.delete(hexOf(group.id));
    step.delete(groupKey(group.id));
  }

  raiseFloor(step: Step, group: Group, floor: Place): void {
    group.floor = floor;
    this.#save(step, group);
  }

  /** Notes a message that was delivered, or sent from here: it takes the place of its parents. */
  addHead(step: Step, group: Group, id: Uint8Array, { parents }: Pick<MvdsMessage, "parents">): void {
    for (const parent of parents) this.dropHead(step, group, parent);
    group.heads.add(hexOf(id));
    step.put(headKey(group.id, id), new Uint8Array());
  }

  dropHead(step: Step, group: Group, id: Uint8Array): void {
    if (group.heads.delete(hexOf(id))) step.delete(headKey(group.id, id));
  }

  /** Up to `most` messages without children, in the order of their ids. */
  heads(group: Group, most: number): Uint8Array[] {
    return [...group.heads].sort().slice(0, most).map(bytesOf);
  }

  #save(step: Step, { id, members, floor }: Group): void {
    const writer = new ProtobufWriter("Group");
    for (const peer of members) writer.element(1, encodeUtf8(peer));
    if (floor !== undefined) {
      writer.int64(2, floor.timestamp);
      writer.bytes(3, floor.id);
    }
    step.put(groupKey(id), writer.finish());
  }
}

/** Whether a message lies at or below the floor of its group. */
export function isBelowFloor({ floor }: Group, { timestamp, id }: Place): boolean {
  if (floor === undefined) return false;
  return timestamp < floor.timestamp || (timestamp === floor.timestamp && hexOf(id) <= hexOf(floor.id));
}

/** Reads the place of a message from its key in the order of time. */
export function placeOf(key: Uint8Array): Place {
  const at = 1 + ID_BYTES;
  return { timestamp: int64Of(key, at), id: key.slice(at + 8) };
}

function decode(bytes: Uint8Array): Pick<Group, "members" | "floor"> {
  const reader = new ProtobufReader(bytes, "Group");
  const members = new Set<string>();
  let timestamp: bigint | undefined;
  let id: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 1) members.add(decodeUtf8(reader.bytes("members")) ?? "");
    else if (reader.field === 2) timestamp = reader.int64Once("floor", timestamp);
    else if (reader.field === 3) id = reader.bytesOnce("floor_id", id);
    else reader.skip();
  }
  return { members, floor: id && { timestamp: timestamp ?? 0n, id: id.slice() } };
}

function checkGroup(groupId: Uint8Array, members: readonly string[], maxMembers: number): void {
  const refuse = (message: string): InvalidInputError =>
    new InvalidInputError(message, { operation: "mvds.setGroup" });
  if (!(groupId instanceof Uint8Array) || groupId.length !== ID_BYTES)
    throw refuse(`The id of a group must have ${ID_BYTES} bytes.`);
  if (!Array.isArray(members)) throw refuse("The members of a group must be an array of the names of peers.");
  if (members.length > maxMembers)
    throw refuse(`A group has at most ${maxMembers} members, not ${members.length}: raise \`maxMembers\`.`);
  for (const peer of members as readonly unknown[]) {
    const length = typeof peer === "string" ? encodeUtf8(peer).length : 0;
    if (length < 1 || length > PEER_BYTES)
      throw refuse(`The name of a peer must be a text of 1 to ${PEER_BYTES} bytes.`);
  }
}
