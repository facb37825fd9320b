// What hostile fixtures are made of: the fields of messages, a small real log, keys.

import { Address } from "../../../packages/core/src/address/address.ts";
import { concatBytes } from "../../../packages/core/src/bytes.ts";
import { checkpointOrigin, formatCheckpoint, signNote } from "../../../packages/core/src/checkpoint/index.ts";
import { deriveKeys, type SigningKey, signingKeyFromSeed } from "../../../packages/core/src/crypto/index.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";
import { logIdOf } from "../../../packages/core/src/log/genesis.ts";
import { decodeIndexNode } from "../../../packages/core/src/wire/index-node-message.ts";
import {
  decodeRemoteLog,
  encodeRemoteLog,
  type WireRemoteLog,
} from "../../../packages/core/src/wire/remote-log-message.ts";
import { varintBytes } from "../../../packages/core/src/wire/varint.ts";
import { hexOf } from "../decoder.ts";
import { logSeed } from "../decoders/signed.ts";
import { type BuiltLog, builtLog } from "./built-log.ts";
import type { Input } from "./fixture.ts";

/** Bytes of a text. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An input of bytes. */
export function hex(...parts: readonly (Uint8Array | readonly number[])[]): Input {
  return { hex: hexOf(concatBytes(parts.map((part) => Uint8Array.from(part)))) };
}

/** A length-delimited field of a message. */
export function field(number: number, payload: Uint8Array | readonly number[]): Uint8Array {
  const held = Uint8Array.from(payload);
  return concatBytes([varintBytes(number * 8 + 2), varintBytes(held.length), held]);
}

/** An input of parts, each a number of times. */
export function repeated(...parts: readonly (readonly [Uint8Array, number])[]): Input {
  return { parts: parts.map(([part, times]) => [hexOf(part), times]) };
}

/** The beginning of a length-delimited field, whose bytes follow. */
export function opening(number: number, length: number): Uint8Array {
  return concatBytes([varintBytes(number * 8 + 2), varintBytes(length)]);
}

/** A field of a message that holds a number. */
export function numberField(number: number, value: number): Uint8Array {
  return concatBytes([varintBytes(number * 8), varintBytes(value)]);
}

/** 32 bytes. */
export const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** A binary CID of any parts. */
export function cid(
  codec: number,
  hashCode: number,
  digest: Uint8Array,
  length: number = digest.length,
): Uint8Array {
  return concatBytes([Uint8Array.of(1), ...[codec, hashCode, length].map(varintBytes), digest]);
}

/** The address of a content, as bytes. */
export const addressBytes = (content: Uint8Array): Uint8Array => cid(0x55, 0x12, sha256(content));

/** The address of a content, as text. */
export const addressText = (content: Uint8Array): string => `${Address.fromBytes(addressBytes(content))}`;

/** What the fixtures share. */
export interface Parts {
  /** A log of 1, 2, 4 and 6 entries: one entry to a page, two refs to a node. */
  readonly log: BuiltLog;
  /** What a second device with the same key made of it: other entries. */
  readonly branch: BuiltLog;
  /** Another log of the same writer, with other settings. */
  readonly other: BuiltLog;
  readonly key: SigningKey;
  /** A key that signs nothing here. */
  readonly strangerKey: SigningKey;
  /** A head with a changed part, unsigned. */
  readonly changed: (head: Uint8Array, change: (wire: WireRemoteLog) => Partial<WireRemoteLog>) => Uint8Array;
  /** A head that the writer's key has signed, with any size and root. */
  readonly signed: (
    head: Uint8Array,
    checkpoint: { readonly size: number; readonly root: Uint8Array },
  ) => Promise<Uint8Array>;
  /** The objects that the head of a state leads to, by address, in hexadecimal digits. Default: the newest state. */
  readonly objects: (log: BuiltLog, state?: number) => Readonly<Record<string, string>>;
  /** The contents of a log's first entries, in hexadecimal digits. */
  readonly contents: (log: BuiltLog, count: number) => readonly string[];
}

/** Makes the parts. They are the same each time. */
export async function makeParts(): Promise<Parts> {
  const settings = { visibility: "public" as const, leafSize: 1, fanOut: 2 };
  const sizes = [1, 2, 4, 6];
  const key = await signingKeyFromSeed(deriveKeys(logSeed).signing);
  const build = (word: string, cuts = settings): Promise<BuiltLog> =>
    builtLog(sizes, cuts, word, key, addressText);
  const log = await build("e");
  const branch = await build("f");
  const other = await build("e", { ...settings, leafSize: 2 });
  const changed: Parts["changed"] = (head, change) => {
    const wire = decodeRemoteLog(head);
    return encodeRemoteLog({ ...wire, ...change(wire) });
  };
  return {
    log,
    branch,
    other,
    key,
    strangerKey: await signingKeyFromSeed(hash(0x66)),
    changed,
    signed: async (head, { size, root }) => {
      const origin = checkpointOrigin(logIdOf(decodeRemoteLog(head).genesis));
      const note = await signNote(formatCheckpoint({ origin, size, root }), origin, key);
      return changed(head, () => ({ checkpoint: bytes(note) }));
    },
    objects: (from, state = from.heads.length - 1) =>
      Object.fromEntries(
        [...reachable(from, state)].map((address) => [address, hexOf(from.objects.get(address)!)]),
      ),
    contents: ({ entries }, count) => entries.slice(0, count).map(hexOf),
  };
}

/** The addresses of all objects that a head leads to. */
function reachable({ heads, objects }: BuiltLog, state: number): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (address: Uint8Array, level: number): void => {
    const text = `${Address.fromBytes(address)}`;
    const content = objects.get(text);
    if (address.length === 0 || content === undefined) return;
    found.add(text);
    if (level > 0) for (const below of decodeIndexNode(content).addresses) visit(below, level - 1);
    if (level === 0)
      for (const { remoteHash } of decodeRemoteLog(content).pairs)
        if (remoteHash.length > 0) visit(remoteHash, -1);
  };
  const { levels, pairs } = decodeRemoteLog(heads[state]!);
  for (const { remoteHash } of pairs) if (remoteHash.length > 0) visit(remoteHash, -1);
  for (const [level, { node, addresses }] of levels.entries()) {
    if (node.length > 0) visit(node, level + 1);
    for (const address of addresses) visit(address, level);
  }
  return found;
}
