// A head of ours that the journal does not know: whether its manifest, or its size, may extend what was signed here.

import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { beforeAll, expect, test } from "vitest";
import { type SigningKey, WriterKeys } from "../../src/crypto/index.ts";
import { generateSeed, openWriter, type Remote, rawSha256 } from "../../src/index.ts";
import { leafHashOf } from "../../src/log/pair.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { conflict, judgeHead, type OwnHistory, restored } from "../../src/writer/foreign-head.ts";
import { text } from "./log-contents.ts";
import { append, Device, open, recoverySeed, second, stolen, using } from "./stolen-device.ts";

const { signal } = new AbortController();
const table = new NameTable();
const remote: Remote = { label: "the remote", storage: memoryStorage(), names: memoryNames({ table }) };
/** What the name held, by the number of entries; the last two have a manifest. */
const heads = new Map<number, Uint8Array>();
let logId: string;
let signingKey: SigningKey;

function treeOf(size: number): CompactRange {
  const tree = CompactRange.empty();
  for (let i = 0; i < size; i++) {
    const hash = rawSha256.digest(text(`entry ${i}`)) as Uint8Array;
    tree.appendLeaf(leafHashOf(hash, hash));
  }
  return tree;
}

beforeAll(async () => {
  const settings = { visibility: "public" } as const;
  const seed = generateSeed();
  signingKey = await new WriterKeys(seed).signingKey(0);
  const shared = { seed, journal: new MemoryLevel(), publish: "manual" } as const;
  const writer = await openWriter({ ...shared, remotes: [remote], settings });
  ({ logId } = writer);
  for (let size = 1; size <= 4; size++) {
    await writer.append(text(`entry ${size - 1}`), { snapshot: size > 2 });
    await writer.publish();
    heads.set(size, table.values.get(logId)!.content);
  }
  await writer.close();
});

interface Known {
  readonly size: number;
  readonly signed?: number;
  readonly version?: number;
  readonly signedVersion?: number | undefined;
  readonly isOwn?: boolean;
}

const history = ({ size, signed = 0, version = 0, signedVersion, isOwn = false }: Known): OwnHistory => ({
  logId,
  size,
  signed: { size: signed, root: treeOf(signed).root() },
  prefix: async (to) => treeOf(to),
  manifests: {
    version,
    signed:
      signedVersion === undefined ? undefined : { origin: "", size: signedVersion, root: new Uint8Array(32) },
    isOwn: () => isOwn,
    signing: { successions: [], key: signingKey },
  },
  newestKey: 0,
});

const judge = (size: number, known: Known) =>
  judgeHead(remote, heads.get(size)!, history(known), true, signal);

test.each([
  // Version 1 of the manifest, beside what was signed of it here.
  [3, undefined, true],
  [3, 0, true],
  [3, 1, false],
  [3, 2, false],
  // Version 2.
  [4, 1, true],
  [4, 2, false],
])(
  "a head of %i entries, where version %s of the manifest was signed: may it extend that: %s",
  async (size, signedVersion, extendsSigned) => {
    // Also if all of its entries are here.
    for (const entries of [size, size - 1])
      expect(await judge(size, { size: entries, signedVersion })).toMatchObject({
        kind: "foreign",
        extendsSigned,
      });
  },
);

test("a manifest of ours forbids nothing, nor does a head that has none", async () => {
  expect(await judge(3, { size: 3, isOwn: true })).toMatchObject({ kind: "own" });
  expect(await judge(3, { size: 2, isOwn: true })).toMatchObject({ kind: "foreign", extendsSigned: true });
  expect(await judge(2, { size: 2 })).toMatchObject({ kind: "own" });
  expect(await judge(2, { size: 1, signedVersion: 5 })).toMatchObject({
    kind: "foreign",
    extendsSigned: true,
  });
});

test("a head as large as what was signed extends nothing, also if the journal has lost what was signed", async () => {
  expect(await judge(2, { size: 1, signed: 2 })).toMatchObject({ kind: "foreign", extendsSigned: false });
});

test("the refusal names the versions of the manifest if the remote has more of them", async () => {
  for (const [size, version, named] of [
    [2, 0, false],
    [3, 0, true],
    [3, 1, false],
    [4, 1, true],
    [4, 2, false],
  ] as const) {
    const judged = await judge(size, { size: 1 });
    if (judged.kind === "no-head") throw judged.cause;
    const { message } = restored(remote, judged.head, history({ size: 1, version }));
    expect(message.includes("of its manifest")).toBe(named);
    if (named) expect(message).toContain(`version ${size - 2} of its manifest, of ${version} here`);
  }
});

test("a head of a key that this device's seed does not lead to is told as that, and not as a backup or a second device", async () => {
  const judged = await judge(3, { size: 1 });
  if (judged.kind === "no-head") throw judged.cause;
  const { head } = judged;
  const later = { ...head, manifest: { ...head.manifest!, successions: [{} as never] } };
  const own = history({ size: 1 });
  for (const refused of [restored, conflict]) {
    expect(refused(remote, later, own)).toMatchObject({
      code: "ERR_SUPERSEDED",
      operation: "writer.publish",
      message: expect.stringContaining("make the seed of this device anew from its recovery seed"),
    });
    // With the seed of the later key it is one of the others.
    expect(refused(remote, later, { ...own, newestKey: 1 }).code).not.toBe("ERR_SUPERSEDED");
    expect(refused(remote, head, own).code).not.toBe("ERR_SUPERSEDED");
  }
});

test("a head of a later key extends what a former one signed, whenever it is seen", async () => {
  const { remote: own, logId: id, device } = await stolen();
  await using(open(second, new Device(device.database.afterPowerCut()), own), async (owner) => {
    await owner.rotateSigningKey(recoverySeed);
    await append(owner, "later");
    await owner.publish();
  });
  const shown = await own.names.resolve(id);
  if (shown.status !== "found") throw new Error(shown.status);
  for (const firstLook of [true, false]) {
    const judged = await judgeHead(
      own,
      shown.content,
      { ...history({ size: 0 }), logId: id },
      firstLook,
      signal,
    );
    expect(judged).toMatchObject({ kind: "foreign", extendsSigned: true });
  }
});
