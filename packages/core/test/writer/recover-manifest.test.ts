// What a recovery makes of the manifest: what remotes show is taken over, what this device alone says follows, and no version is
// signed twice.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { textOf } from "./log-contents.ts";
import { fromSnapshot, ManifestDevice, ManifestPlace } from "./manifest-device.ts";

const forRecovery = { forRecovery: true } as const;

async function contentsOf({ writer }: ManifestDevice): Promise<string[]> {
  const contents: string[] = [];
  for await (const { content } of writer.entries()) contents.push(textOf(content));
  return contents;
}

/** A log that was published with some versions, and the device as it was after the first of them. */
async function restoredLog(): Promise<{ place: ManifestPlace; device: ManifestDevice; old: ManifestDevice }> {
  const place = new ManifestPlace();
  const device = new ManifestDevice();
  await device.open([place.remote]);
  await device.append("zero", "state one");
  await device.writer.publish();
  const old = await device.copy();
  await device.open([place.remote]);
  await device.append("two", "three", "state four", "five");
  await device.writer.publish();
  await device.close();
  return { place, device, old };
}

test("a journal that was set back is told by what the manifest says, and recovers it", async () => {
  const place = new ManifestPlace();
  const device = new ManifestDevice();
  await device.open([place.remote]);
  await device.append("zero", "state");
  await device.writer.publish();
  const old = await device.copy();
  await device.open([place.remote]);
  // Without any entry.
  await device.say({ firstKept: 1 });
  await device.say({ firstKept: 2 });
  await device.writer.publish();
  const { manifest } = device.writer;
  await device.close();

  const writer = await old.open([place.remote]);
  await old.say({ remotes: Uint8Array.of(1) });
  const refusal = await failure(writer.publish());
  expect(refusal).toMatchObject({ code: "ERR_RESTORED", local: 2, published: 2 });
  expect(refusal.message).toContain("version 3 of its manifest");
  await writer.recover();
  // What this device alone said follows.
  expect(writer.manifest).toMatchObject({ version: 4, firstKept: 2, snapshot: 1, remotes: Uint8Array.of(1) });
  await writer.publish();
  const again = await old.open([place.remote]);
  expect(again.manifest).toMatchObject({ version: 4, firstKept: 2 });
  await again.publish();
  expect(manifest).toMatchObject({ version: 3 });
});

test("a snapshot of this device keeps its entry when a recovery gives that another number", async () => {
  const { place, old } = await restoredLog();
  const writer = await old.open([place.remote]);
  await old.append("other two", "state other", "other four");
  expect(writer.manifest).toMatchObject({ version: 2, snapshot: 3 });
  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_RESTORED" });
  expect(await writer.recover()).toMatchObject({ recovered: 4, appendedAnew: 3, size: 9 });
  expect(await contentsOf(old)).toEqual(
    ["zero", "state one", "two", "three", "state four", "five"].concat([
      "other two",
      "state other",
      "other four",
    ]),
  );
  expect(writer.manifest).toMatchObject({ version: 3, snapshot: 7 });
  await writer.publish();
  expect(await fromSnapshot(writer.logId, place.remote)).toEqual(["state other", "other four"]);
});

test("so it does if the remote says nothing that the journal lacks", async () => {
  const place = new ManifestPlace();
  const device = new ManifestDevice();
  await device.open([place.remote]);
  await device.append("zero", "state one");
  await device.writer.publish();
  const old = await device.copy();
  await device.open([place.remote]);
  await device.append("two", "three");
  await device.writer.publish();
  await device.close();
  const writer = await old.open([place.remote]);
  await old.append("other two", "state other");
  await old.say({
    removed: [
      { first: 0, count: 1 },
      { first: 2, count: 1 },
    ],
  });
  await writer.recover();
  expect(writer.manifest).toMatchObject({
    version: 4,
    snapshot: 5,
    removed: [
      { first: 0, count: 1 },
      { first: 4, count: 1 },
    ],
  });
  await writer.publish();
  expect(await fromSnapshot(writer.logId, place.remote)).toEqual(["state other"]);
});

test("what a manifest says of entries that nobody has is not said of those that get their numbers", async () => {
  const place = new ManifestPlace();
  const device = new ManifestDevice();
  const writer = await device.open([place.remote]);
  await device.append("zero", "one");
  // A head may show a newer manifest than entries: here the device is lost before it shows them.
  await device.say({ snapshot: 3, removed: [{ first: 1, count: 2 }], firstKept: 3 });
  await writer.publish();
  const found = new ManifestDevice();
  const recovered = await found.open([place.remote], { ...forRecovery, logId: writer.logId });
  await recovered.recover();
  expect(recovered.manifest).toMatchObject({ version: 2, firstKept: 2, removed: [{ first: 1, count: 1 }] });
  expect(recovered.manifest).not.toHaveProperty("snapshot");
  await found.append("two", "three", "four");
  await recovered.publish();
  // The first two were removed by the writer's word, and the new ones were not.
  expect(await fromSnapshot(writer.logId, place.remote)).toEqual(["two", "three", "four"]);
});

test("what one remote withholds another one gives", async () => {
  const { place, device } = await restoredLog();
  await device.open([place.remote]);
  await device.say({ firstKept: 1 });
  await device.writer.publish();
  const { logId } = device.writer;
  const copy = place.copy("copy");
  const isLeaves = (content: Uint8Array): boolean => content.length === 3 * 32;
  for (const [address, content] of copy.contents) if (isLeaves(content)) copy.contents.delete(address);
  for (const remotes of [
    [copy, place],
    [place, copy],
  ]) {
    const found = new ManifestDevice();
    const writer = await found.open(
      remotes.map(({ remote }) => remote),
      { ...forRecovery, logId },
    );
    await writer.recover();
    expect(writer.manifest).toMatchObject({ version: 3, firstKept: 1, snapshot: 4 });
    await found.close();
  }
  const alone = new ManifestDevice();
  const writer = await alone.open([copy.remote], { ...forRecovery, logId });
  expect(await failure(writer.recover())).toMatchObject({ code: "ERR_NOT_FOUND" });
  // Nothing was written: it is recovered once they are there.
  copy.contents.set(...[...place.contents].find(([, content]) => isLeaves(content))!);
  await writer.recover();
  expect(writer.manifest).toMatchObject({ version: 3 });
});

test("two manifests of one number are a fork, and a recovery changes nothing", async () => {
  const { place, old } = await restoredLog();
  const elsewhere = new ManifestPlace("elsewhere");
  await old.open([elsewhere.remote]);
  await old.say({ firstKept: 1 });
  await old.writer.publish();
  await old.close();
  for (const remotes of [[place], [place, elsewhere]]) {
    const writer = await old.open(remotes.map(({ remote }) => remote));
    expect(await failure(writer.recover())).toMatchObject({ code: "ERR_CONFLICT" });
    expect(writer.manifest).toMatchObject({ version: 2, firstKept: 1 });
  }
  // A device that signed neither sees that they contradict each other.
  const found = new ManifestDevice();
  const remotes = [place.remote, elsewhere.remote];
  const writer = await found.open(remotes, { ...forRecovery, logId: old.writer.logId });
  expect(await failure(writer.recover())).toMatchObject({ code: "ERR_CONFLICT" });
  await found.close();
  await old.close();
});

const records = { "the newest version": "m", "the leaf hashes": "l", "what was signed": "c" };

test.each(Object.entries(records))("%s is damaged, and recovered", async (_, prefix) => {
  const { place, device } = await restoredLog();
  await device.open([place.remote]);
  // Not published yet: only this journal has it.
  await device.say({ firstKept: 3 });
  const { manifest } = device.writer;
  await device.close();
  device.damage(prefix);
  expect(await failure(device.open([place.remote]))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  const writer = await device.open([place.remote], forRecovery);
  expect(await failure(device.say({ firstKept: 4 }))).toMatchObject({ code: "ERR_RESTORED" });
  expect(await writer.recover()).toMatchObject({ recovered: 0, appendedAnew: 0, size: 6 });
  // Of a damaged version it is not known what it says.
  const isLost = prefix === "m";
  const expected = isLost ? { version: 2, firstKept: 0 } : { version: 3, firstKept: 3 };
  expect(writer.manifest).toMatchObject({ ...expected, snapshot: 4 });
  expect(writer.manifest!.previous).toEqual(isLost ? expect.anything() : manifest!.previous);
  await device.append("six", "state seven");
  await writer.publish();
  const again = await device.open([place.remote]);
  expect(again.manifest).toMatchObject({ version: expected.version + 1, snapshot: 7 });
  await again.publish();
  expect(await fromSnapshot(writer.logId, place.remote)).toEqual(["state seven"]);
  await device.close();
});

test.each(["m", "l"])(
  "versions that were signed and that nobody has are never signed anew (%s)",
  async (prefix) => {
    const { place, device, old } = await restoredLog();
    // The remote shows an older state, or nothing.
    const before = new ManifestPlace();
    const writer = await old.open([before.remote]);
    await writer.publish();
    await old.close();
    device.damage(prefix);
    for (const { remote } of [new ManifestPlace(), before]) {
      const damaged = await device.open([remote], forRecovery);
      expect(await failure(damaged.recover())).toMatchObject({
        code: "ERR_JOURNAL_CORRUPT",
        reason: "lost-signed",
      });
      expect(await failure(device.append("six"))).toMatchObject({ code: "ERR_RESTORED" });
    }
    const whole = await device.open([place.remote], forRecovery);
    await whole.recover();
    expect(whole.manifest).toMatchObject({ version: 2, snapshot: 4 });
    await device.close();
  },
);

test("versions that were never signed are damaged: what they say is said again, as far as it is known", async () => {
  for (const [prefix, expected] of [
    ["l", { version: 1, firstKept: 2, snapshot: 1 }],
    ["m", undefined],
  ] as const) {
    const place = new ManifestPlace();
    const device = new ManifestDevice();
    await device.open([place.remote]);
    await device.append("zero", "state one", "two");
    await device.say({ firstKept: 2 });
    await device.close();
    device.damage(prefix);
    const writer = await device.open([place.remote], forRecovery);
    await writer.recover();
    if (expected === undefined) expect(writer.manifest).toBeUndefined();
    else expect(writer.manifest).toMatchObject(expected);
    await device.append("state three");
    await writer.publish();
    const again = await device.open([place.remote]);
    expect(again.manifest).toMatchObject({ version: (expected?.version ?? 0) + 1, snapshot: 3 });
    expect(await fromSnapshot(again.logId, place.remote)).toEqual(["state three"]);
    await device.close();
  }
});
