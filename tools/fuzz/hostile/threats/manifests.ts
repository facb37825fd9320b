// Manifests in heads that nobody may have signed, or may show: T2, T3, T5, T8.

import { concatBytes } from "../../../../packages/core/src/bytes.ts";
import { formatCheckpoint, signNote } from "../../../../packages/core/src/checkpoint/index.ts";
import type { SigningKey } from "../../../../packages/core/src/crypto/index.ts";
import { manifestOrigin } from "../../../../packages/core/src/log/head-manifest.ts";
import {
  encodeManifest,
  type ManifestContent,
  manifestHash,
  manifestLeafHash,
  nothingSaid,
} from "../../../../packages/core/src/log/manifest.ts";
import { CompactRange } from "../../../../packages/core/src/merkle/index.ts";
import type { WireHeadManifest } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import type { DecodeFixture, Fixture, Step, ThreatFile } from "../fixture.ts";
import { threat } from "../fixture.ts";
import { addressBytes, addressText, bytes, field, hash, hex, type Parts } from "../parts.ts";

const none = new Uint8Array(0);

/** Versions of a manifest, oldest first. */
type Versions = readonly Uint8Array[];

/** Some versions of a manifest. */
export function versionsOf(
  count: number,
  more: (version: number) => Partial<ManifestContent> = () => ({}),
): Versions {
  const made: Uint8Array[] = [];
  for (let version = 1; version <= count; version++) {
    const before = made.at(-1);
    const previous = before && { previous: manifestHash(before) };
    // Of an entry that is not there: versions differ, and every entry is read.
    const removed = [{ first: 1_000 + version, count: 1 }];
    made.push(encodeManifest({ ...nothingSaid, removed, ...more(version), version, ...previous }));
  }
  return made;
}

function rangeOf(versions: Versions): CompactRange {
  const range = CompactRange.empty();
  for (const version of versions) range.appendLeaf(manifestLeafHash(version));
  return range;
}

const leavesOf = (versions: Versions): Uint8Array => concatBytes(versions.map(manifestLeafHash));

/** What a head says of the newest of some versions. */
export async function said(
  versions: Versions,
  key: SigningKey,
  origin: string,
  checkpoint: { readonly size: number; readonly root: Uint8Array } = {
    size: versions.length,
    root: rangeOf(versions).root(),
  },
): Promise<WireHeadManifest> {
  const note = await signNote(formatCheckpoint({ origin, ...checkpoint }), origin, key);
  return {
    bytes: versions.at(-1)!,
    address: none,
    checkpoint: bytes(note),
    path: concatBytes(rangeOf(versions.slice(0, -1)).hashes().reverse()),
    leaves: versions.length > 2 ? addressBytes(leavesOf(versions)) : none,
    objects: [],
  };
}

/** Heads whose manifest is not what the writer signed there. */
async function heads({ log, other, key, strangerKey, changed }: Parts): Promise<readonly Fixture[]> {
  const origin = manifestOrigin(log.logId);
  const head = log.heads[0]!;
  const three = versionsOf(3);
  const good = await said(three, key, origin);
  const withManifest = (manifest: WireHeadManifest): Uint8Array => changed(head, () => ({ manifest }));
  const refused = (
    name: string,
    why: string,
    manifest: WireHeadManifest,
    code = "ERR_INTEGRITY",
  ): DecodeFixture => ({
    ...{ name: `manifest-${name}`, why, decode: "head", input: hex(withManifest(manifest)) },
    with: { logId: log.logId },
    ...{ expect: "refused", code },
  });
  const itself = encodeManifest({
    ...nothingSaid,
    version: 2,
    previous: manifestHash(three[1]!),
    firstKept: 2,
  });
  const fourth = encodeManifest({
    ...nothingSaid,
    version: 4,
    previous: manifestHash(three[2]!),
    firstKept: 4,
  });
  const root = rangeOf(three).root();
  const path = (...hashes: readonly Uint8Array[]): Uint8Array => concatBytes(hashes);
  return [
    {
      ...{ name: "manifest-signed", why: "So it is right.", decode: "head", input: hex(withManifest(good)) },
      ...{ with: { logId: log.logId }, expect: "accepted" },
    },
    refused("of-a-stranger", "The log's key has to sign it.", await said(three, strangerKey, origin)),
    refused(
      "of-another-log",
      "It is signed for one log.",
      await said(three, key, manifestOrigin(other.logId)),
    ),
    refused(
      "of-entries",
      "A checkpoint of entries is none of the manifest.",
      await said(three, key, origin.replace("/manifest", "")),
    ),
    refused(
      "skips",
      "The size of the checkpoint is the version.",
      await said([...three.slice(0, 2), fourth], key, origin),
    ),
    refused(
      "goes-back",
      "The size of the checkpoint is the version.",
      await said([...three, itself], key, origin),
    ),
    refused(
      "of-another-size",
      "The size of the checkpoint is the version.",
      await said(three, key, origin, { size: 4, root }),
    ),
    refused(
      "of-another-root",
      "Path and version add up to the root.",
      await said(three, key, origin, { size: 3, root: hash(9) }),
    ),
    refused("changed", "Path and version add up to the root.", {
      ...good,
      bytes: versionsOf(3, () => ({ snapshot: 0 }))[2]!,
    }),
    refused(
      "path-empty",
      "The path has as many hashes as the size demands.",
      { ...good, path: none },
      "ERR_MALFORMED",
    ),
    refused(
      "path-long",
      "The path has as many hashes as the size demands.",
      { ...good, path: path(good.path, hash(1)) },
      "ERR_MALFORMED",
    ),
    refused("path-torn", "A hash has 32 bytes.", { ...good, path: good.path.subarray(1) }, "ERR_MALFORMED"),
    refused("path-other", "Path and version add up to the root.", { ...good, path: hash(1) }),
    refused("missing", "Fields about a manifest, and none.", { ...good, bytes: none }, "ERR_MALFORMED"),
    refused(
      "without-a-note",
      "The log's key has to sign it.",
      { ...good, checkpoint: none },
      "ERR_MALFORMED",
    ),
    refused(
      "note-no-utf-8",
      "A note is UTF-8 text.",
      { ...good, checkpoint: Uint8Array.of(0xff) },
      "ERR_MALFORMED",
    ),
    refused("leaves-nowhere", "An address is a CID.", { ...good, leaves: Uint8Array.of(1) }, "ERR_MALFORMED"),
    refused(
      "object-without-a-hash",
      "The hash of an object has 32 bytes.",
      { ...good, objects: [field(2, addressBytes(hash(1)))] },
      "ERR_MALFORMED",
    ),
  ];
}

/** What readers make of manifests that remotes show. */
async function reading(parts: Parts): Promise<Record<"T2" | "T3" | "T5" | "T8", readonly Fixture[]>> {
  const { log, key, changed, objects, contents } = parts;
  const origin = manifestOrigin(log.logId);
  const versions = versionsOf(4);
  const branch = versionsOf(4, (version) => (version > 1 ? { snapshot: 0 } : {}));
  const entries = contents(log, 1);
  const showing = async (
    of: Versions,
    count: number,
    more: Partial<WireHeadManifest> = {},
  ): Promise<string> => {
    const manifest = { ...(await said(of.slice(0, count), key, origin)), ...more };
    return hexOf(changed(log.heads[0]!, () => ({ manifest })));
  };
  const held = (...lists: readonly Uint8Array[]): Record<string, string> => ({
    ...objects(log, 0),
    ...Object.fromEntries(lists.map((list) => [addressText(list), hexOf(list)])),
  });
  const leaves = leavesOf(versions);
  const read = (
    name: string,
    why: string,
    steps: readonly Step[],
    ...storages: readonly Readonly<Record<string, string>>[]
  ): Fixture => ({ name: `manifest-${name}`, why, read: { logId: log.logId, objects: storages, steps } });
  const step = (heads: Step["heads"], code?: string): Step => ({
    heads,
    delivers: code === undefined ? entries : [],
    ...(code !== undefined && { code }),
  });
  const [one, two, four] = [
    await showing(versions, 1),
    await showing(versions, 2),
    await showing(versions, 4),
  ];
  const other = await showing(branch, 4);
  const under = (list: Uint8Array): Record<string, string> => ({
    ...held(),
    [addressText(leaves)]: hexOf(list),
  });
  const apart = await showing(versions, 1, { bytes: none, address: addressBytes(versions[0]!) });
  return {
    T2: [
      read(
        "leaves-changed",
        "Other leaf hashes prove nothing: the entries are read all the same.",
        [step([one]), step([four]), step([one])],
        under(leavesOf(branch)),
      ),
      read(
        "leaves-long",
        "So do too many.",
        [step([one]), step([four])],
        under(concatBytes([leaves, hash(1)])),
      ),
      read(
        "leaves-are-itself",
        "A manifest that names itself as the list of its versions: the entries are read all the same.",
        [
          step([one]),
          step([await showing(versions, 4, { leaves: addressBytes(versions[3]!) })]),
          step([one]),
        ],
        held(versions[3]!),
      ),
      read(
        "apart-changed",
        "A version that is stored apart has the hash of its address.",
        [step([apart], "ERR_INTEGRITY")],
        { ...held(), [addressText(versions[0]!)]: hexOf(branch[1]!) },
      ),
      read(
        "apart-and-in-the-head",
        "Field 104 counts, wherever field 105 leads.",
        [step([await showing(versions, 1, { address: addressBytes(branch[1]!) })])],
        held(branch[1]!),
      ),
    ],
    T3: [
      read(
        "leaves-withheld",
        "Without the leaf hashes the newer one is not used: the entries are read all the same.",
        [step([one]), step([four]), step([one])],
        held(),
      ),
      read(
        "apart-withheld",
        "Without the manifest nobody knows what the log is.",
        [step([apart], "ERR_NOT_FOUND")],
        held(),
      ),
      read(
        "leaves-elsewhere",
        "Another remote has them: then what is older was set back.",
        [step([one, null]), step([four, null]), { ...step([one, null]), delivers: [], code: "ERR_ROLLBACK" }],
        held(),
        held(leaves),
      ),
    ],
    T5: [
      read(
        "set-back",
        "A name that promises not to lag shows an older manifest.",
        [step([two]), step([one], "ERR_ROLLBACK")],
        held(),
      ),
      read("gone", "Or none.", [step([one]), step([hexOf(log.heads[0]!)], "ERR_ROLLBACK")], held()),
    ],
    T8: [
      read(
        "fork",
        "Two versions of one number.",
        [step([two]), step([await showing(branch, 2)], "ERR_FORK")],
        held(),
      ),
      read(
        "fork-later",
        "A later version that does not extend the one before it.",
        [step([two]), step([await showing(branch, 3)], "ERR_FORK")],
        held(),
      ),
      read(
        "fork-far",
        "The leaf hashes show that it does not begin with what was known.",
        [step([two]), step([other], "ERR_FORK")],
        held(leavesOf(branch)),
      ),
      read(
        "fork-of-two",
        "Two remotes contradict each other.",
        [step([one, one]), step([four, other], "ERR_FORK")],
        held(),
        held(),
      ),
    ],
  };
}

/** The fixtures, for the files of their threats. */
export async function manifests(parts: Parts): Promise<readonly ThreatFile[]> {
  const read = await reading(parts);
  const own = await heads(parts);
  return [
    threat("T2", "", [...own, ...read.T2]),
    threat("T3", "", read.T3),
    threat("T5", "", read.T5),
    threat("T8", "", read.T8),
  ];
}
