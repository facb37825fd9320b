// Readers of logs whose bundles are wrong, withheld or of another place: T2, T3, T10, T11, T13.

import { concatBytes } from "../../../../packages/core/src/bytes.ts";
import { encodeWireBundle } from "../../../../packages/core/src/wire/bundle-message.ts";
import { encodeIndexNode } from "../../../../packages/core/src/wire/index-node-message.ts";
import { decodeRemoteLog } from "../../../../packages/core/src/wire/remote-log-message.ts";
import { hexOf } from "../../decoder.ts";
import { type BundledNode, bundledLog } from "../bundled-log.ts";
import { type Fixture, type ThreatFile, threat } from "../fixture.ts";
import { addressBytes, addressText, field, type Parts } from "../parts.ts";

const SIZE = 12;

/** Fixtures of reads. The log has one entry to a page, and a full node of eight pages. */
export async function bundleReads(parts: Parts): Promise<readonly ThreatFile[]> {
  const { log, head, levels, older, newer, foreign, alone, bundleOf, nodeWith } = await bundledLog(parts);

  /** A reader of the log whose head leads to another node, with these objects beside those of the log. */
  const read = (
    name: string,
    why: string,
    change: Partial<BundledNode>,
    shown: { readonly add?: readonly Uint8Array[] },
    outcome: { readonly delivers: number; readonly code?: string },
    limits?: Readonly<Record<string, number>>,
  ): Fixture => {
    const leading = nodeWith(change);
    const [low, high] = levels;
    const other = parts.changed(head, () => ({
      levels: [low!, { ...high!, addresses: [addressBytes(leading)] }],
    }));
    // What nothing leads to any more is left out.
    const held = new Map(log.objects);
    const unused = [...high!.addresses, ...(change.addresses === undefined ? alone : [])];
    for (const address of unused) held.delete(textIn(log.objects, address));
    for (const content of [leading, ...(shown.add ?? [older, newer])])
      held.set(addressText(content), content);
    return {
      name,
      why,
      read: {
        logId: log.logId,
        ...(limits && { limits }),
        objects: [Object.fromEntries([...held].map(([address, content]) => [address, hexOf(content)]))],
        steps: [
          {
            heads: [hexOf(other)],
            delivers: log.entries.slice(0, outcome.delivers).map(hexOf),
            ...(outcome.code !== undefined && { code: outcome.code }),
          },
        ],
      },
    };
  };
  const padded = concatBytes([older, field(999, new Uint8Array(2000))]);
  const ofTwoLevels = twoLevels(parts);

  return [
    threat("T2", "", [
      {
        ...{ name: "bundle-above-nodes", why: "A node whose refs lead to other nodes names no bundles." },
        ...{ read: ofTwoLevels },
      },
      read("bundle-node-that-is-right", "The pages are in bundles alone.", {}, {}, { delivers: SIZE }),
    ]),
    threat("T3", "", [
      read(
        "bundle-that-alone-has-the-pages",
        "The pages are nowhere else.",
        {},
        { add: [older] },
        { delivers: 4, code: "ERR_NOT_FOUND" },
      ),
    ]),
    threat("T10", "", [
      read(
        "bundle-of-another-log",
        "The node of one log names the bundle of another of the same writer.",
        { bundles: [bundleOf(0, { address: addressBytes(foreign) }), bundleOf(1)] },
        { add: [foreign, newer] },
        { delivers: 0, code: "ERR_INTEGRITY" },
      ),
    ]),
    threat("T11", "", [
      read(
        "bundle-replayed",
        "The older bundle comes in the place of the newer one.",
        { bundles: [bundleOf(0), bundleOf(0, { first: 4 })] },
        {},
        { delivers: 4, code: "ERR_INTEGRITY" },
      ),
    ]),
    threat("T13", "", [
      read(
        "bundle-too-large",
        "A bundle is no larger than a page.",
        { bundles: [bundleOf(0, { address: addressBytes(padded) }), bundleOf(1)] },
        { add: [padded, newer] },
        { delivers: 0, code: "ERR_TOO_LARGE" },
        { pageBytes: 1500 },
      ),
      read(
        "bundle-lengths-without-end",
        "The node says that a bundle has more bytes than a disk: nothing is allocated for them.",
        { bundles: [bundleOf(0, { lengths: Array<number>(4).fill(2 ** 53 - 1) }), bundleOf(1)] },
        {},
        { delivers: SIZE },
      ),
    ]),
  ];
}

function textIn(objects: ReadonlyMap<string, Uint8Array>, address: Uint8Array): string {
  return [...objects].find(([, content]) => hexOf(addressBytes(content)) === hexOf(address))![0];
}

/** The small log, whose older node of pages is named by a node that claims to have bundles. */
function twoLevels({ log, objects, changed }: Parts): Extract<Fixture, { read: object }>["read"] {
  const head = log.heads.at(-1)!;
  const [low, high] = decodeRemoteLog(head).levels;
  const [address, newest] = high!.addresses;
  const older = high!.hashes.subarray(0, 32);
  const bundle = { first: 0, address: address!, lengths: [1, 1] };
  const node = encodeIndexNode({ addresses: [address!], hashes: older, bundles: [encodeWireBundle(bundle)] });
  const level = {
    node: addressBytes(node),
    peaks: older,
    addresses: [newest!],
    hashes: high!.hashes.subarray(32),
  };
  return {
    logId: log.logId,
    objects: [{ ...objects(log), [addressText(node)]: hexOf(node) }],
    steps: [
      {
        heads: [hexOf(changed(head, () => ({ levels: [low!, level] })))],
        delivers: [],
        code: "ERR_MALFORMED",
      },
    ],
  };
}
