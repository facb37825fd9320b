// Entries and what the manifest says of them, in the journal: one batch, and no manifest keeps an entry from being written.

import { failure, until } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import { ManifestKeeper } from "../../src/writer/manifest-keeper.ts";
import { text, textOf } from "./log-contents.ts";
import { fromSnapshot, ManifestDevice, ManifestPlace } from "./manifest-device.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

async function contentsOf({ writer }: ManifestDevice): Promise<string[]> {
  const contents: string[] = [];
  for await (const { content } of writer.entries()) contents.push(textOf(content));
  return contents;
}

test("a snapshot that the manifest names already is written all the same", async () => {
  const device = new ManifestDevice();
  await device.open([]);
  await device.append("zero", "one");
  expect(await device.say({ snapshot: 2 })).toBe(true);
  await device.append("state");
  await device.open([]);
  expect(await contentsOf(device)).toEqual(["zero", "one", "state"]);
  expect(device.writer.manifest).toMatchObject({ version: 1, snapshot: 2 });
});

test("if the manifest is full, a snapshot is refused by itself: what is appended beside it and after it is not", async () => {
  const device = new ManifestDevice();
  const writer = await device.open([]);
  await device.append("state");
  vi.spyOn(ManifestKeeper.prototype, "version", "get").mockReturnValue(65_536);
  const [beside, refused, another] = await Promise.allSettled([
    writer.append(text("one")),
    writer.append(text("state two"), { snapshot: true }),
    writer.append(text("two")),
  ]);
  expect([beside.status, another.status]).toEqual(["fulfilled", "fulfilled"]);
  expect(refused).toMatchObject({
    reason: { code: "ERR_TOO_LARGE", reason: "manifest-full", limit: 65_536 },
  });
  expect(await failure(device.say({ firstKept: 1 }))).toMatchObject({ reason: "manifest-full" });
  await device.append("three");
  vi.restoreAllMocks();
  await device.open([]);
  expect(await contentsOf(device)).toEqual(["state", "one", "two", "three"]);
  expect(device.writer.manifest).toMatchObject({ version: 1, snapshot: 0 });
});

test("a change that fails before anything is written stops nothing", async () => {
  const device = new ManifestDevice();
  await device.open([]);
  // The last version is taken between the look and the turn.
  vi.spyOn(ManifestKeeper.prototype, "throwIfFull").mockReturnValueOnce();
  vi.spyOn(ManifestKeeper.prototype, "change").mockRejectedValueOnce(new RangeError("taken"));
  await expect(device.append("state")).rejects.toThrow("taken");
  await expect(device.say({ removed: [{ first: 2, count: 0 }] })).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
  await expect(
    device.writer.changeManifest(() => {
      throw new RangeError("no idea");
    }),
  ).rejects.toThrow("no idea");
  await device.append("zero", "state");
  expect(await contentsOf(device)).toEqual(["zero", "state"]);
  expect(device.writer.manifest).toMatchObject({ version: 1, snapshot: 1 });
});

test("a change comes between the appends before and after it, and knows how many entries there are", async () => {
  const device = new ManifestDevice();
  const writer = await device.open([]);
  const order: string[] = [];
  await Promise.all([
    writer.append(text("zero")).then(() => order.push("zero")),
    writer.append(text("one")).then(() => order.push("one")),
    writer
      .changeManifest((content, size) => ({ ...content, firstKept: size }))
      .then((isNew) => order.push(`said ${isNew}`)),
    writer
      .changeManifest((content, size) => ({ ...content, firstKept: size }))
      .then((isNew) => order.push(`said ${isNew}`)),
    writer.append(text("two")).then(() => order.push("two")),
    writer.append(text("state"), { snapshot: true }).then(() => order.push("state")),
  ]);
  expect(order).toEqual(["zero", "one", "said true", "said false", "two", "state"]);
  expect(writer.manifest).toMatchObject({ version: 2, firstKept: 2, snapshot: 3 });
});

test("after a failed write of the journal nothing more is said or appended", async () => {
  const device = new ManifestDevice();
  const writer = await device.open([]);
  await device.append("zero");
  const failing = writer.changeManifest(
    (content) => ({ ...content, firstKept: 1 }),
    [
      {
        type: "put",
        key: new Uint8Array(1),
        get value(): Uint8Array {
          throw new Error("the disk is gone");
        },
      },
    ],
  );
  await expect(failing).rejects.toThrow("the disk is gone");
  expect(writer.manifest).toBeUndefined();
  await expect(device.append("one")).rejects.toThrow("the disk is gone");
  await expect(device.say({ firstKept: 1 })).rejects.toThrow("the disk is gone");
});

test("in the background what is said is published without a new entry", async () => {
  const place = new ManifestPlace();
  const device = new ManifestDevice();
  const writer = await device.open([place.remote], { publish: "auto" });
  await device.append("zero", "one");
  await writer.publish();
  expect(await fromSnapshot(writer.logId, place.remote)).toEqual(["zero", "one"]);
  await device.say({ snapshot: 1 });
  await until(async () => (await fromSnapshot(writer.logId, place.remote)).length === 1);
  await device.close();
});
