// Which versions of the manifest a recovery takes over, case by case: what a remote shows beside what the journal has.

import { memoryNames, memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { DeniedError, NotFoundError, type Remote } from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { manifestKey, manifestLeafKey, manifestSignedKey } from "../../src/journal/keys.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import type { IdentifiedGenesis } from "../../src/log/genesis.ts";
import { type Epoch, type ManifestContent, manifestHash } from "../../src/log/manifest.ts";
import { verifyManifest } from "../../src/log/verified-manifest.ts";
import type { ManifestKeeper } from "../../src/writer/manifest-keeper.ts";
import { openLog } from "../../src/writer/open-log.ts";
import { recoverManifest, type ShownManifest } from "../../src/writer/recover-manifest.ts";
import { Renumbering } from "../../src/writer/renumbering.ts";
import { readyManifest } from "../../src/writer/store-manifest.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const seed = new Uint8Array(32).fill(8);
const { signal } = new AbortController();

interface Device {
  readonly manifests: ManifestKeeper;
  readonly journal: Journal;
  readonly database: PowerCutDatabase;
  readonly genesis: IdentifiedGenesis;
}

async function open(database = new PowerCutDatabase(), forRecovery = false): Promise<Device> {
  const journal = await Journal.open(database);
  const { manifests, genesis } = await openLog(journal, { seed, journal: database, forRecovery });
  return { manifests, journal, database, genesis };
}

/** Another device with the same journal; of these records, a byte is changed. */
async function copyOf({ database }: Device, damaged: readonly Uint8Array[] = []): Promise<Device> {
  const disk = database.afterPowerCut(database.unsynced);
  for (const key of damaged.map((bytes) => String.fromCharCode(...bytes)))
    disk.set(
      key,
      disk.get(key)!.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
    );
  return open(new PowerCutDatabase(disk), damaged.length > 0);
}

async function say({ manifests }: Device, ...all: readonly Partial<ManifestContent>[]): Promise<void> {
  for (const more of all) await manifests.change((content) => ({ ...content, ...more }));
}

/** Says that there is no snapshot. */
const unsaySnapshot = ({ manifests }: Device): Promise<boolean> =>
  manifests.change((content) => {
    const { snapshot: _snapshot, ...rest } = content;
    return rest;
  });

/** What a remote shows once a device has published its newest version there. */
async function shownBy(
  device: Device,
  label = "one",
): Promise<ShownManifest & { readonly contents: Map<string, Uint8Array> }> {
  const contents = new Map<string, Uint8Array>();
  const remote: Remote = { label, storage: memoryStorage({ contents }), names: memoryNames() };
  const records = new RemoteRecords(device.journal, label);
  const ready = await readyManifest({ remote, writer: device as never, records }, signal);
  const { head, signed } = ready!;
  await device.journal.write([device.manifests.signedOperation(signed)], true);
  device.manifests.adopt(signed);
  return { remote, manifest: await verifyManifest(head, device.genesis), contents };
}

/** Recovers, of a log of 20 entries that keep their numbers, and opens the journal again. */
async function recover(
  device: Device,
  shown: readonly ShownManifest[],
  shownEntries = 0,
): Promise<{
  readonly epochs: readonly number[];
  readonly common: number | undefined;
  readonly steps: number;
  readonly after: ManifestKeeper;
}> {
  const contradicts = (remote: Remote): Error => new Error(`${remote.label} contradicts`);
  const { manifests, journal } = device;
  const recovery = await recoverManifest(manifests, shown, { contradicts, shownEntries, signal });
  const steps = await recovery.operations({ renumbering: new Renumbering(20), size: 20 });
  await journal.write([...steps], true);
  recovery.finish();
  const { manifests: after } = await copyOf(device);
  // The process knows what the next one finds.
  expect(manifests.leaves).toEqual(after.leaves);
  expect(manifests.newest).toEqual(after.newest);
  expect(manifests.signed).toEqual(after.signed);
  expect(manifests.isDamaged).toBe(false);
  const epochs = recovery.epochs.map(({ first }) => first);
  return { epochs, common: recovery.common, steps: steps.length, after };
}

const epoch = (first: number, more: Partial<Epoch> = {}): Epoch => ({
  first,
  keyId: new Uint8Array(16),
  ...more,
});
const epochsAt = (...firsts: readonly number[]): Epoch[] => firsts.map((first) => epoch(first));

test("without anything shown, and if a remote shows less, nothing has to be written", async () => {
  const device = await open();
  await say(device, { firstKept: 1, epochs: epochsAt(0, 2) });
  const one = await shownBy(device);
  await say(device, { firstKept: 2 });
  const two = await shownBy(device, "two");
  for (const shown of [[], [one], [two], [two, one]]) {
    const { steps, common, epochs, after } = await recover(device, shown);
    expect([steps, common, epochs]).toEqual([0, undefined, [0, 2]]);
    expect(after.signed).toEqual(two.manifest.checkpoint);
  }
});

test("what continues from the journal's newest version is taken over as it is, with what was signed of it", async () => {
  const device = await open();
  await say(device, { firstKept: 1, snapshot: 5 });
  const other = await copyOf(device);
  await unsaySnapshot(other);
  await say(other, { firstKept: 3, epochs: epochsAt(0, 4), remotes: Uint8Array.of(1) });
  const older = await shownBy(other, "older");
  await say(other, { firstKept: 4 });
  const newest = await shownBy(other, "newest");
  for (const shown of [
    [older, newest],
    [newest, older],
  ]) {
    const behind = await copyOf(device);
    const { epochs, common, after } = await recover(behind, shown);
    expect([epochs, common]).toEqual([[0, 4], undefined]);
    expect(after.newest).toEqual(other.manifests.newest);
    expect(after.signed).toEqual(newest.manifest.checkpoint);
  }
});

test("a journal that has nothing takes over all of it", async () => {
  const other = await open();
  await say(other, { firstKept: 1 }, { snapshot: 3 });
  const { common, after } = await recover(await open(), [await shownBy(other)]);
  expect(common).toBeUndefined();
  expect(after.leaves).toEqual(other.manifests.leaves);
});

test("the version after the journal's newest one needs nothing of the storage", async () => {
  const device = await open();
  await say(device, { firstKept: 1 }, { firstKept: 2 });
  const other = await copyOf(device);
  await say(other, { firstKept: 3 });
  const shown = await shownBy(other);
  shown.contents.clear();
  const { after } = await recover(device, [shown]);
  expect([after.version, after.content.firstKept]).toEqual([3, 3]);
});

test("what both devices said is joined behind what the remote shows, and the newest version of both is told", async () => {
  for (const common of [0, 1]) {
    const device = await open();
    if (common > 0) await say(device, { firstKept: 1 });
    const other = await copyOf(device);
    await say(
      device,
      { removed: [{ first: 7, count: 1 }] },
      { remotes: Uint8Array.of(1), epochs: epochsAt(0) },
    );
    await say(
      other,
      { firstKept: 3 },
      { remotes: Uint8Array.of(2), epochs: [epoch(0, { keyId: new Uint8Array(16).fill(3) })] },
    );
    const result = await recover(device, [await shownBy(other)]);
    expect([result.common, result.epochs]).toEqual([common, [0]]);
    const { manifest } = result.after.newest!;
    expect(manifest).toMatchObject({
      version: common + 3,
      previous: manifestHash(other.manifests.newest!.bytes),
      firstKept: 3,
      removed: [{ first: 7, count: 1 }],
      // As many epochs: those of the remote, and where it says that the log lives.
      remotes: Uint8Array.of(2),
    });
    expect(manifest.epochs).toEqual(other.manifests.content.epochs);
    expect(result.after.signed?.size).toBe(common + 2);
  }
});

test("epochs that this device alone began follow the entries of the remote, and say where the log lives", async () => {
  const device = await open();
  await say(device, { epochs: epochsAt(0, 2) });
  const other = await copyOf(device);
  await say(device, { epochs: epochsAt(0, 2, 5), remotes: Uint8Array.of(1) });
  await say(other, { remotes: Uint8Array.of(2) });
  const { epochs, after } = await recover(device, [await shownBy(other)], 9);
  expect(epochs).toEqual([0, 2, 9]);
  expect(after.content).toMatchObject({ epochs: epochsAt(0, 2, 9), remotes: Uint8Array.of(1) });
});

test("so they do if the manifest of the remote is one of the journal's", async () => {
  for (const [theirs, expected] of [
    [[], [0, 9, 9]],
    [[0], [0, 9, 9]],
    [
      [0, 2],
      [0, 2, 9],
    ],
  ] as const) {
    const device = await open();
    await say(device, { epochs: epochsAt(...theirs), firstKept: 1, snapshot: 3 });
    const shown = await shownBy(device);
    await unsaySnapshot(device);
    const keyring = new Uint8Array(32).fill(4);
    const own = [epoch(0, { keyring }), ...epochsAt(2, 5)];
    await say(device, { epochs: own, remotes: Uint8Array.of(1) });
    const signed = await device.manifests.sign();
    await device.journal.write([device.manifests.signedOperation(signed)], true);
    device.manifests.adopt(signed);
    const { epochs, common, after } = await recover(device, [shown], 9);
    expect([epochs, common]).toEqual([expected, undefined]);
    // What was said here last counts: the snapshot does not come back.
    const { version, snapshot, ...content } = after.newest!.manifest;
    expect([version, snapshot]).toEqual([4, undefined]);
    expect(content.epochs).toEqual(own.map((one, i) => ({ ...one, first: expected[i]! })));
    expect(after.signed).toEqual(signed.checkpoint);
  }
});

test("objects that the manifest of a remote names come with it", async () => {
  const other = await open();
  const keyring = new TextEncoder().encode("a keyring");
  const named = manifestHash(keyring);
  await other.journal.write([other.manifests.records.objectOperation(keyring)], true);
  await say(other, { epochs: [epoch(0, { keyring: named })] });
  const { after } = await recover(await open(), [await shownBy(other)]);
  expect(await after.records.loadObject(named)).toEqual(keyring);
});

/** A place that fails as it is asked for anything. */
function failing(shown: ShownManifest, fail: () => Error): ShownManifest {
  const get = async (): Promise<never> => {
    throw fail();
  };
  return { ...shown, remote: { ...shown.remote, storage: { ...shown.remote.storage, get } } };
}

/** A device whose manifest leads to an object, or to the hashes of its versions. */
async function leadingTo(what: string): Promise<Device> {
  const device = await open();
  if (what === "versions") {
    await say(device, { firstKept: 1 }, { firstKept: 2 }, { firstKept: 3 });
    return device;
  }
  const keyring = new TextEncoder().encode("a keyring");
  await device.journal.write([device.manifests.records.objectOperation(keyring)], true);
  await say(device, { epochs: [epoch(0, { keyring: manifestHash(keyring) })] });
  return device;
}

test.each(["versions", "an object"])(
  "what one place fails to give another one gives; if none does the first failure is told, and an abort is (%s)",
  async (what) => {
    const other = await leadingTo(what);
    const lost = new NotFoundError("Not there.", { operation: "storage.get" });
    const denied = new DeniedError("Not allowed.", { operation: "storage.get" });
    const [one, two, three] = [
      await shownBy(other, "one"),
      await shownBy(other, "two"),
      await shownBy(other, "three"),
    ];
    const places = [failing(one, () => lost), failing(two, () => denied)];
    const device = await open();
    expect(await failure(recover(device, places))).toBe(lost);
    expect(device.manifests.version).toBe(0);
    const { after } = await recover(await open(), [...places, three]);
    expect(after.version).toBe(other.manifests.version);
    const controller = new AbortController();
    let asked = 0;
    const abort = (): Error => {
      asked++;
      controller.abort("enough");
      return lost;
    };
    const options = { contradicts: () => lost, shownEntries: 0, signal: controller.signal };
    const both = [failing(one, abort), failing(two, abort)];
    expect(await failure(recoverManifest((await open()).manifests, both, options))).toBe("enough");
    expect(asked).toBe(1);
    const last = new AbortController();
    const alone = failing(one, () => {
      last.abort("too late");
      return lost;
    });
    const recovery = recoverManifest((await open()).manifests, [alone], { ...options, signal: last.signal });
    expect(await failure(recovery)).toBe("too late");
  },
);

test("the first remote that contradicts what was signed here is named", async () => {
  const device = await open();
  await say(device, { firstKept: 1 });
  await shownBy(device);
  const other = await open();
  await say(other, { firstKept: 2 }, { firstKept: 3 });
  const [one, two] = [await shownBy(other, "one"), await shownBy(other, "two")];
  expect(await failure(recover(device, [one, two]))).toMatchObject({ message: "one contradicts" });
  expect(await failure(recover(device, [two, one]))).toMatchObject({ message: "two contradicts" });
});

test("of a damaged manifest what is left is said again, unless the remote has it", async () => {
  const device = await open();
  await say(device, { firstKept: 1 });
  const other = await copyOf(device);
  await say(device, { firstKept: 5 });
  await say(other, { snapshot: 2 }, { snapshot: 3 });
  const shown = await shownBy(other);
  // The second version is one of this device alone.
  const joined = await recover(await copyOf(device, [manifestLeafKey(1)]), [shown]);
  expect(joined.after.content).toMatchObject({ firstKept: 5, snapshot: 3 });
  expect(joined.after.version).toBe(4);
  // Here it is the remote's.
  const behind = await copyOf(other, [manifestLeafKey(1)]);
  await say(other, { firstKept: 9 });
  const taken = await recover(behind, [await shownBy(other)]);
  expect([taken.common, taken.after.version, taken.after.content.firstKept]).toEqual([undefined, 4, 9]);
});

test("of a damaged manifest that was never signed all is said again, and nothing counts as signed", async () => {
  const device = await open();
  await say(device, { firstKept: 1 }, { firstKept: 2 });
  const { after } = await recover(await copyOf(device, [manifestLeafKey(2)]), []);
  expect([after.version, after.content.firstKept, after.signed]).toEqual([1, 2, undefined]);
  const lost = await recover(await copyOf(device, [manifestKey]), []);
  expect([lost.after.version, lost.after.newest]).toEqual([0, undefined]);
  // What was signed is not known any more.
  await shownBy(device);
  const unsigned = await recover(await copyOf(device, [manifestSignedKey]), []);
  expect([unsigned.after.version, unsigned.after.signed]).toEqual([2, undefined]);
});
