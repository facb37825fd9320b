// A small log whose signing key was replaced, put together by hand as a fixture wants it; docs/protocol.md, "Key rotation".

import { concatBytes } from "../../../packages/core/src/bytes.ts";
import {
  checkpointOrigin,
  formatCheckpoint,
  parseCheckpoint,
  parseSignedNote,
  signNote,
} from "../../../packages/core/src/checkpoint/index.ts";
import { deriveKeys, type SigningKey, signingKeyFromSeed } from "../../../packages/core/src/crypto/index.ts";
import { sha256 } from "../../../packages/core/src/crypto/sha256.ts";
import { logIdOf } from "../../../packages/core/src/log/genesis.ts";
import { manifestOrigin } from "../../../packages/core/src/log/head-manifest.ts";
import {
  encodeManifest,
  manifestHash,
  manifestLeafHash,
  nothingSaid,
} from "../../../packages/core/src/log/manifest.ts";
import { type Succession, signSuccession } from "../../../packages/core/src/log/succession.ts";
import { CompactRange } from "../../../packages/core/src/merkle/index.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../../packages/core/src/wire/remote-log-message.ts";
import { logSeed } from "../decoders/signed.ts";
import { type BuiltLog, builtLog } from "./built-log.ts";
import { addressText, bytes, hash } from "./parts.ts";

const none = new Uint8Array(0);

/** The number of leaves of a tree, and its root. */
export interface State {
  readonly size: number;
  readonly root: Uint8Array;
}

/** A head, and who signs what of it. */
export interface SignedHead {
  /** A head whose entries it has. */
  readonly head: Uint8Array;
  /** The successions that its manifest names. */
  readonly successions?: readonly string[];
  /** Whose entry 1,000 and some was removed, so that manifests differ. */
  readonly removed?: number;
  /** The key that signs both checkpoints. */
  readonly key: SigningKey;
  /** The key that signs that of the entries, if it is another. */
  readonly entriesKey?: SigningKey;
}

type Three = readonly [SigningKey, SigningKey, SigningKey];

/** The log. */
export interface RotatedLog {
  readonly logId: string;
  readonly genesis: Uint8Array;
  /** The owner's entries and a thief's, at 1, 2 and 4 entries, as the first key signs them. */
  readonly owner: BuiltLog;
  readonly thief: BuiltLog;
  /** The owner's entries in a log that names no recovery key. */
  readonly fixed: BuiltLog;
  /** The keys that sign, one after another. */
  readonly keys: Three;
  /** The keys that name the next of those. */
  readonly recoveryKeys: Three;
  /** The version of the manifest that the first key has signed. */
  readonly versions: State;
  /** A succession: to the next key, of the owner's 2 entries and of as many versions as its number says, unless told otherwise. */
  readonly succession: (change?: Partial<Succession>, key?: SigningKey, logId?: string) => Promise<string>;
  /** A head with the second version of a manifest. */
  readonly head: (of: SignedHead) => Promise<Uint8Array>;
}

/** What the checkpoint of the entries in a head says. */
export function checkpointIn(head: Uint8Array): State {
  return parseCheckpoint(parseSignedNote(decodeRemoteLog(head).checkpoint).text);
}

/** A signed checkpoint. */
export function checkpointNote({ size, root }: State, origin: string, key: SigningKey): Promise<string> {
  return signNote(formatCheckpoint({ origin, size, root }), origin, key);
}

function versionsTree(...versions: readonly Uint8Array[]): CompactRange {
  const range = CompactRange.empty();
  for (const version of versions) range.appendLeaf(manifestLeafHash(version));
  return range;
}

async function threeKeys(first: Uint8Array, ...others: readonly Uint8Array[]): Promise<Three> {
  const [one, two, three] = await Promise.all([first, ...others].map(signingKeyFromSeed));
  return [one!, two!, three!];
}

/** Builds the log. */
export async function rotatedLog(): Promise<RotatedLog> {
  const keys = await threeKeys(deriveKeys(logSeed).signing, hash(0x71), hash(0x72));
  const recoveryKeys = await threeKeys(hash(0x81), hash(0x82), hash(0x83));
  const settings = { leafSize: 1, fanOut: 2 };
  const recoveryKeyHash = sha256(recoveryKeys[0].publicKey);
  const build = (word: string, more: { readonly recoveryKeyHash?: Uint8Array }): Promise<BuiltLog> =>
    builtLog([1, 2, 4], { ...settings, ...more }, word, keys[0], addressText);
  const owner = await build("r", { recoveryKeyHash });
  const { logId } = owner;
  const first = encodeManifest({ ...nothingSaid, version: 1 });
  const before = versionsTree(first);
  return {
    logId,
    genesis: decodeRemoteLog(owner.heads[0]!).genesis,
    owner,
    thief: await build("s", { recoveryKeyHash }),
    fixed: await build("r", {}),
    ...{ keys, recoveryKeys },
    versions: { size: 1, root: before.root() },
    succession: (change = {}, key, of = logId) => {
      const index = change.index ?? 1;
      const next = Math.min(Math.max(index, 1), 2);
      const usual = {
        ...checkpointIn(owner.heads[1]!),
        ...{ versions: index, manifestRoot: before.root() },
        signingKey: keys[next]!.publicKey,
        nextRecoveryKeyHash: sha256(recoveryKeys[next]!.publicKey),
      };
      return signSuccession(of, { ...usual, ...change, index }, key ?? recoveryKeys[next - 1]!);
    },
    head: async ({ head, successions = [], removed, key, entriesKey = key }) => {
      const wire = decodeRemoteLog(head);
      const shown = logIdOf(wire.genesis);
      const second = encodeManifest({
        ...{ ...nothingSaid, version: 2, previous: manifestHash(first), successions },
        ...(removed !== undefined && { removed: [{ first: 1_000 + removed, count: 1 }] }),
      });
      const all = versionsTree(first, second);
      const note = await checkpointNote(checkpointIn(head), checkpointOrigin(shown), entriesKey);
      const state = { size: 2, root: all.root() };
      return encodeRemoteLog({
        ...wire,
        checkpoint: bytes(note),
        manifest: {
          ...{ bytes: second, address: none, leaves: none, objects: [] },
          checkpoint: bytes(await checkpointNote(state, manifestOrigin(shown), key)),
          path: concatBytes(before.hashes()),
        },
      });
    },
  };
}
