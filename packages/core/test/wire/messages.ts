import fc from "fast-check";
import type { WireGenesis } from "../../src/wire/genesis-message.ts";
import type { WireIndexNode } from "../../src/wire/index-node-message.ts";
import type { WireLevel } from "../../src/wire/level-message.ts";
import type { WireManifest } from "../../src/wire/manifest-message.ts";
import type { MvdsMessage } from "../../src/wire/mvds-message.ts";
import type { WirePair } from "../../src/wire/pair-message.ts";
import { ProtobufWriter } from "../../src/wire/protobuf-writer.ts";
import type { WireHeadManifest, WireRemoteLog } from "../../src/wire/remote-log-message.ts";
import type { WireStoredObject } from "../../src/wire/stored-object-message.ts";
import { varintBytes } from "../../src/wire/varint.ts";

// Random messages of every kind, all of them valid.

const hash: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 32, maxLength: 32 });
const none = fc.constant(new Uint8Array(0));
const address = fc.uint8Array({ maxLength: 128 });
const content = fc.uint8Array({ maxLength: 300 });

export const pair: fc.Arbitrary<WirePair> = fc.record({
  remoteHash: address,
  localHash: fc.oneof(hash, none),
  data: content,
  contentHash: fc.option(hash, { nil: undefined }),
});

const references = fc
  .array(fc.tuple(address, hash), { maxLength: 6 })
  .map((refs) => ({ addresses: refs.map(([to]) => to), hashes: pack(refs.map(([, of]) => of)) }));

const level: fc.Arbitrary<WireLevel> = fc
  .tuple(address, fc.array(hash, { maxLength: 4 }), references)
  .map(([node, peaks, refs]) => ({ node, peaks: pack(peaks), ...refs }));

export const remoteLog: fc.Arbitrary<WireRemoteLog> = fc
  .record({
    pairs: fc.array(pair, { maxLength: 6 }),
    tail: address,
    genesis: content,
    checkpoint: content,
    levels: fc.array(level, { maxLength: 4 }),
    head: address,
  })
  .chain((log) =>
    fc
      .option(fc.uint8Array({ minLength: 16, maxLength: 16 }), { nil: undefined })
      .map((remoteId) => ({ ...log, ...(remoteId !== undefined && { remoteId }) })),
  )
  .chain((log) =>
    fc
      .option(fc.uint8Array({ minLength: 1, maxLength: 200 }), { nil: undefined })
      .map((snapshotContent) => ({ ...log, ...(snapshotContent !== undefined && { snapshotContent }) })),
  );

const keyId = fc.uint8Array({ minLength: 16, maxLength: 16 });

/** Numbers that each are at least a step greater than the one before, from `least` on. */
const ascending = (least: number, step: number): fc.Arbitrary<number[]> =>
  fc.array(fc.oneof(fc.nat(3), fc.nat(2 ** 40)), { maxLength: 5 }).map((gaps) => {
    let next = least - step;
    return gaps.map((gap) => (next += step + gap));
  });

const epochs: fc.Arbitrary<WireManifest["epochs"]> = ascending(0, 0).chain((firsts) =>
  fc
    .array(fc.tuple(keyId, fc.oneof(hash, none)), { minLength: firsts.length, maxLength: firsts.length })
    .map((keys) => keys.map(([id, keyring], i) => ({ first: i === 0 ? 0 : firsts[i]!, keyId: id, keyring }))),
);

const removals: fc.Arbitrary<WireManifest["removed"]> = ascending(0, 1).map((edges) =>
  edges.flatMap((first, i) => {
    const end = edges[i + 1];
    return i % 2 === 0 && end !== undefined ? [{ first, count: end - first }] : [];
  }),
);

export const manifest: fc.Arbitrary<WireManifest> = fc
  .record({
    successions: fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 3 }),
    epochs,
    removed: removals,
    firstKept: fc.maxSafeNat(),
    snapshot: fc.maxSafeNat(),
    remotes: content,
  })
  .chain((said) =>
    fc.oneof(
      fc.constant({ ...said, version: 1, previous: new Uint8Array(0) }),
      fc
        .tuple(fc.integer({ min: 2, max: 65_536 }), hash)
        .map(([version, previous]) => ({ ...said, version, previous })),
    ),
  );

export const storedObject: fc.Arbitrary<WireStoredObject> = fc.record({ hash, address });

export const headManifest: fc.Arbitrary<WireHeadManifest> = fc
  .record({
    bytes: content,
    address,
    checkpoint: content,
    path: fc.array(hash, { maxLength: 4 }).map(pack),
    leaves: address,
    objects: fc.array(content, { maxLength: 3 }),
  })
  .filter(
    ({ objects, ...fields }) => objects.length > 0 || Object.values(fields).some(({ length }) => length > 0),
  );

export const indexNode: fc.Arbitrary<WireIndexNode> = references;

export const genesis: fc.Arbitrary<WireGenesis> = fc
  .record({
    version: fc.constant(1),
    signingKey: hash,
    recoveryKeyHash: fc.oneof(hash, none),
    identifiers: fc.constantFrom("sha256" as const, "mvds" as const),
    contents: fc.constantFrom(
      { visibility: "public" as const },
      { visibility: "private" as const },
      { visibility: "private" as const, unpadded: true as const },
    ),
    leafSize: fc.integer({ min: 0, max: 16 }).map((exponent) => 2 ** exponent),
    fanOut: fc.integer({ min: 1, max: 8 }).map((exponent) => 2 ** exponent),
  })
  .map(({ contents, ...others }) => ({ ...others, ...contents }));

/** A genesis record that is encoded as it is, for tests that change one setting of it. */
export const soundGenesis: WireGenesis = {
  version: 1,
  signingKey: new Uint8Array(32).fill(7),
  recoveryKeyHash: new Uint8Array(0),
  identifiers: "sha256",
  visibility: "private",
  leafSize: 16,
  fanOut: 256,
};

export const mvdsMessage: fc.Arbitrary<MvdsMessage> = fc.record({
  groupId: hash,
  timestamp: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -300n, max: 300n }),
  ),
  body: content,
  parents: fc.array(hash, { maxLength: 4 }),
  ephemeral: fc.boolean(),
});

/** The bytes of fields that none of the messages has, of all wire types that are left. */
export const unknownFields: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.record({
      field: fc.constantFrom(8, 99, 120, 5001, 6005, 2 ** 29 - 1),
      value: fc.oneof(
        fc.record({ type: fc.constant(0), bytes: fc.maxSafeNat().map(varintBytes) }),
        fc.record({ type: fc.constant(1), bytes: fc.uint8Array({ minLength: 8, maxLength: 8 }) }),
        fc.record({ type: fc.constant(5), bytes: fc.uint8Array({ minLength: 4, maxLength: 4 }) }),
        fc.record({ type: fc.constant(2), bytes: fc.uint8Array({ maxLength: 20 }).map(prefixed) }),
      ),
    }),
    { maxLength: 5 },
  )
  .map((fields) =>
    pack(fields.flatMap(({ field, value }) => [varintBytes(field * 8 + value.type), value.bytes])),
  );

function prefixed(bytes: Uint8Array): Uint8Array {
  return pack([varintBytes(bytes.length), bytes]);
}

/** The bytes of one field that is length-delimited. */
export function fieldBytes(field: number, value: Uint8Array): Uint8Array {
  const writer = new ProtobufWriter("test");
  writer.element(field, value);
  return writer.finish();
}

/** Joins arrays of bytes. */
export function pack(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
