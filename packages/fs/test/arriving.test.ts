import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generateSeed, openReader, openWriter, type Remote } from "@remote-log/core";
import { fsNames, fsRemote } from "@remote-log/fs";
import { bytes, failure, runs } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";

const arriving = { code: "ERR_UNREACHABLE", retry: "safe", reason: "incomplete" };

/** A name with some revisions, and the file that holds its newest value. */
async function updated(count: number) {
  const root = await temporaryFolder();
  const names = fsNames({ root, sync: false });
  const revisions: string[] = [];
  for (let i = 0; i < count; i++) {
    revisions.push(await names.update("log", bytes(`value ${i}`), { expected: revisions.at(-1) ?? null }));
  }
  const folder = join(root, "names", createHash("sha256").update("log").digest("hex"));
  const before = revisions.at(-2);
  const pointer = before === undefined ? join(folder, "first") : join(folder, before, "next");
  return { root, names, folder, pointer, newest: revisions.at(-1)! };
}

test.each([1, 4])(
  "of %d revisions, a newest value that has arrived in part is waited for, wherever it is cut or zero",
  async (count) => {
    const { names, pointer, newest } = await updated(count);
    const whole = await readFile(pointer);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(pointer, whole.subarray(0, length));
      expect(await failure(names.resolve("log")), `cut at ${length}`).toMatchObject(arriving);
      const zeros = Buffer.alloc(whole.length);
      zeros.set(whole.subarray(0, length));
      await writeFile(pointer, zeros);
      expect(await failure(names.resolve("log")), `zeros from ${length}`).toMatchObject(arriving);
    }
    // Who knows the revision is told that it is still the newest.
    expect(await names.resolve("log", { known: newest })).toEqual({ status: "unchanged", revision: newest });
    await writeFile(pointer, whole);
    expect(await names.resolve("log")).toMatchObject({
      content: bytes(`value ${count - 1}`),
      revision: newest,
    });
  },
);

test("a value that an earlier version wrote is read, and waited for if it is cut", async () => {
  const { names, pointer } = await updated(2);
  const now = await readFile(pointer);
  const named = Buffer.concat([now.subarray(50, 66), bytes("earlier")]);
  const hash = createHash("sha256").update(named).digest();
  const earlier = Buffer.concat([bytes("remote-log name 1\n"), hash, named]);
  await writeFile(pointer, earlier);
  expect(await names.resolve("log", { maxBytes: 7 })).toMatchObject({ content: bytes("earlier") });
  expect(await failure(names.resolve("log", { maxBytes: 6 }))).toMatchObject({ code: "ERR_TOO_LARGE" });
  for (let length = 0; length < earlier.length; length++) {
    await writeFile(pointer, earlier.subarray(0, length));
    expect(await failure(names.resolve("log")), `cut at ${length}`).toMatchObject(arriving);
  }
});

test("bytes behind a value, and a header that does not fit it, are forged", async () => {
  const { names, pointer } = await updated(2);
  const whole = await readFile(pointer);
  await writeFile(pointer, Buffer.concat([whole, bytes("more")]));
  expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_INTEGRITY" });
  const other = Buffer.from(whole);
  other.set(Buffer.alloc(16, 7), 50);
  await writeFile(pointer, other);
  expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_INTEGRITY" });
});

test("in whatever order the files of a name arrive, nothing but a value of it is shown, and nothing is told as damaged", async () => {
  const { folder } = await updated(5);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  const order = fc.shuffledSubarray(files, { minLength: files.length });
  await fc.assert(
    fc.asyncProperty(order, fc.double({ min: 0, max: 1, noNaN: true }), async (arrivals, part) => {
      const copy = await temporaryFolder();
      const target = join(copy, "names", createHash("sha256").update("log").digest("hex"));
      const names = fsNames({ root: copy, sync: false });
      const look = async () => {
        const outcome = await names.resolve("log").catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toMatchObject(arriving);
        return outcome;
      };
      await mkdir(target, { recursive: true });
      for (const file of arrivals) {
        const content = await readFile(join(folder, file));
        await mkdir(dirname(join(target, file)), { recursive: true });
        await writeFile(join(target, file), content.subarray(0, Math.floor(part * content.length)));
        await look();
        await writeFile(join(target, file), content);
        await look();
      }
      expect(await look()).toMatchObject({ status: "found", content: bytes("value 4") });
    }),
    { numRuns: runs(4, 100) },
  );
});

test("what a reader knows stays readable while the newest state arrives, and the state follows once it is there", async () => {
  const original = fsRemote({ root: await temporaryFolder(), sync: false });
  const root = await temporaryFolder();
  const copy: Remote = fsRemote({ root, sync: false });
  const from = (remote: Remote): string => new URL(remote.label).pathname;
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal: new MemoryLevel(),
    remotes: [original],
    publish: "manual",
  });
  for (const i of [0, 1, 2]) await writer.append(bytes(`entry ${i}`));
  await writer.publish();
  await cp(from(original), root, { recursive: true });
  await using reader = await openReader({ logId: writer.logId, remotes: [copy], retries: 0 });
  expect(await reader.sync()).toMatchObject({ size: 3 });
  await writer.append(bytes("entry 3"));
  await writer.publish();
  await writer.close();
  await cp(from(original), root, { recursive: true });
  const [named] = await readdir(join(root, "names"));
  const next = (await readdir(join(root, "names", named!), { recursive: true })).find((name) =>
    name.endsWith("next"),
  )!;
  const pointer = join(root, "names", named!, next);
  const whole = await readFile(pointer);
  await writeFile(pointer, whole.subarray(0, 300));
  expect(await failure(reader.sync())).toMatchObject(arriving);
  const known = await Promise.all([0, 1, 2].map((sequence) => reader.entry(sequence)));
  expect(known.map(({ content }) => content)).toEqual([0, 1, 2].map((i) => bytes(`entry ${i}`)));
  await writeFile(pointer, whole);
  expect(await reader.sync()).toMatchObject({ size: 4 });
});
