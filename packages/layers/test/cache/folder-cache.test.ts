import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useEnvironment } from "@remote-log/core/environment";
import { folderCache } from "@remote-log/layers/folder";
import { failure, wrongTypeProblems } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cacheFaults } from "./cache-checks.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "remote-log-cache-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const value = new Uint8Array([1, 2, 3]);

/** Makes everything in a folder older, in minutes. */
async function age(place: string, minutes: number): Promise<void> {
  for (const name of await readdir(place)) {
    const { mtimeMs } = await lstat(join(place, name));
    const time = (mtimeMs - minutes * 60_000) / 1000;
    await utimes(join(place, name), time, time);
  }
}

test("a cache in a folder keeps the promises of caches", async () => {
  const places = new Set<string>();
  const faults = await cacheFaults({
    open: (place, bytes) => {
      places.add(place);
      return folderCache({ folder: join(folder, place), bytes });
    },
    later: async () => {
      for (const place of places) await age(join(folder, place), 2).catch(() => undefined);
    },
  });
  expect(faults).toEqual([]);
});

test("nothing is made before the first value, and then a folder for its owner alone", async () => {
  const path = join(folder, "a", "b");
  const cache = folderCache({ folder: path });
  expect(await cache.get("a")).toBeUndefined();
  await cache.delete("a");
  expect(await readdir(folder)).toEqual([]);
  await cache.put("a", value);
  expect(((await stat(path)).mode & 0o777).toString(8)).toBe("700");
  const [name] = await readdir(path);
  expect(((await stat(join(path, name!))).mode & 0o777).toString(8)).toBe("600");
  expect(name).toMatch(/^[0-9a-f]{64}$/);
});

test("a folder that was removed is made again", async () => {
  const cache = folderCache({ folder: join(folder, "a") });
  await cache.put("a", value);
  await rm(join(folder, "a"), { recursive: true });
  await failure(cache.put("a", value)).catch(() => undefined);
  await cache.put("a", value);
  expect(await cache.get("a")).toEqual(value);
});

test("a link in the place of a value is not followed, neither to read nor to write", async () => {
  const cache = folderCache({ folder });
  await cache.put("a", value);
  const [name] = await readdir(folder);
  const secret = join(folder, "secret");
  await writeFile(secret, "secret");
  await rm(join(folder, name!));
  await symlink(secret, join(folder, name!));
  expect(await cache.get("a")).toBeUndefined();
  await cache.put("a", value);
  expect(await cache.get("a")).toEqual(value);
  expect(await readFile(secret, "utf8")).toBe("secret");
  expect((await lstat(join(folder, name!))).isSymbolicLink()).toBe(false);
});

test("a folder in the place of a value is none", async () => {
  const cache = folderCache({ folder });
  await cache.put("a", value);
  const [name] = await readdir(folder);
  await rm(join(folder, name!));
  await mkdir(join(folder, name!));
  expect(await cache.get("a")).toBeUndefined();
});

test("what a writer left behind is removed after an hour, and what is not the cache's stays", async () => {
  const [old, young] = [`.tmp-${"0".repeat(32)}`, `.tmp-${"1".repeat(32)}`];
  await writeFile(join(folder, old), value);
  await writeFile(join(folder, "notes.txt"), value);
  await age(folder, 61);
  await writeFile(join(folder, young), value);
  await folderCache({ folder, bytes: 2 }).put("a", new Uint8Array(1));
  const left = (await readdir(folder)).filter((name) => !/^[0-9a-f]{64}$/.test(name));
  expect(left.sort()).toEqual([young, "notes.txt"].sort());
});

test("several caches on one folder together hold little more than one may", async () => {
  const caches = Array.from({ length: 4 }, () => folderCache({ folder, bytes: 16_000 }));
  await Promise.all(
    caches.map(async (cache, i) => {
      for (let j = 0; j < 60; j++) {
        await cache.put(`${i}/${j}`, new Uint8Array(400).fill(i));
        const read = await cache.get(`${(i + 1) % 4}/${j}`);
        if (read !== undefined) expect(read).toEqual(new Uint8Array(400).fill((i + 1) % 4));
      }
    }),
  );
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
  );
  const held = sizes.reduce((sum, size) => sum + size, 0);
  // Each may have written a sixteenth and one value since it last looked.
  expect(held).toBeLessThanOrEqual(16_000 + 4 * 1400);
  expect(held).toBeGreaterThan(10_000);
});

test("a value is marked as used once a minute, not at each read", async () => {
  const cache = folderCache({ folder });
  await cache.put("a", value);
  const [name] = await readdir(folder);
  const used = async (): Promise<number> => (await stat(join(folder, name!))).mtimeMs;
  const before = await used();
  let now = before + 59_000;
  const giveBack = useEnvironment({ now: () => now });
  try {
    await cache.get("a");
    expect(await used()).toBe(before);
    now += 2000;
    await cache.get("a");
    expect(Math.abs((await used()) - now)).toBeLessThan(1000);
  } finally {
    giveBack();
  }
});

test("options of wrong types, and a missing folder, are refused", async () => {
  const types = { bytes: "number", folder: "string" };
  expect(await wrongTypeProblems((options) => folderCache(options), { folder }, types)).toEqual([]);
  expect(() => folderCache({} as never)).toThrow("folder");
});
