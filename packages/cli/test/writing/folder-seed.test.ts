// The seed of a folder while it is replaced: whatever cuts that, one of the two is there, whole.

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSeed } from "@remote-log/core/keyring";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { replaceSeed } from "../../src/writing/folder-seed.ts";

/** What is done to files, in order; and which of it fails, as if the power had been cut there. */
const disk = vi.hoisted(() => ({ steps: [] as string[], cutAt: Number.POSITIVE_INFINITY }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>();
  const step = (what: string, path: unknown): void => {
    disk.steps.push(
      `${what} ${String(path)
        .replace(/.*\/([^/]+)$/, "$1")
        .replace(/\.\d+\.new$/, ".new")}`,
    );
    if (disk.steps.length > disk.cutAt) throw Object.assign(new Error("The power is gone."), { code: "EIO" });
  };
  return {
    ...real,
    open: async (path: string, ...others: [string, number?]) => {
      step("open", path);
      const file = await real.open(path, ...others);
      const [write, sync] = [file.writeFile.bind(file), file.sync.bind(file)];
      file.writeFile = async (text) => {
        // Half of it is there.
        await write(String(text).slice(0, 20));
        step("write", path);
        await write(String(text).slice(20));
      };
      file.sync = async () => {
        step("sync", path);
        await sync();
      };
      return file;
    },
    rename: async (from: string, to: string) => {
      step("rename", from);
      await real.rename(from, to);
    },
  };
});

const seed = new Uint8Array(32).fill(0x5c);
const plain = `${"5c".repeat(32)}\n`;
const work = { workFactor: 1 };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "folder-seed-"));
  await writeFile(join(folder, "seed"), plain, { mode: 0o600 });
  disk.steps.length = 0;
  disk.cutAt = Number.POSITIVE_INFINITY;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const held = (): Promise<string> => readFile(join(folder, "seed"), "utf8");

test("the new seed is durable before it takes the place of the old one, and that is durable as well", async () => {
  await replaceSeed(folder, seed, "orbit", work);
  const name = folder.replace(/.*\//, "");
  expect(disk.steps).toEqual([
    "open seed.new",
    "write seed.new",
    "sync seed.new",
    `open ${name}`,
    `sync ${name}`,
    "rename seed.new",
    `open ${name}`,
    `sync ${name}`,
  ]);
  expect(await openSeed(await held(), "orbit")).toEqual(seed);
  expect((await stat(join(folder, "seed"))).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["seed"]);
});

test("wherever it is cut, the seed is there, sealed or not, and the next attempt leaves nothing else", async () => {
  const steps = 8;
  for (let cutAt = 0; cutAt < steps; cutAt++) {
    await writeFile(join(folder, "seed"), plain, { mode: 0o600 });
    for (const [from, to] of [
      [undefined, "orbit"],
      ["orbit", undefined],
    ] as const) {
      const before = await held();
      [disk.steps.length, disk.cutAt] = [0, cutAt];
      await expect(replaceSeed(folder, seed, to, work)).rejects.toThrow("The power is gone.");
      const text = await held();
      // Until the rename it is the old one, from then on the new one.
      const moved = cutAt > 5;
      expect(text === before, `cut at step ${cutAt}`).toBe(!moved);
      expect(await openSeed(text, moved ? to : from)).toEqual(seed);
      disk.cutAt = Number.POSITIVE_INFINITY;
      await replaceSeed(folder, seed, to, work);
      expect(await openSeed(await held(), to)).toEqual(seed);
      expect(await readdir(folder)).toEqual(["seed"]);
    }
  }
});
