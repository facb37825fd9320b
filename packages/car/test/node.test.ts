// CAR files of the system: whole or not there, and larger than what is read of them.

import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReader } from "@remote-log/core";
import { failure } from "@remote-log/test-kit";
import { afterAll, expect, test } from "vitest";
import { carRemote, exportCar } from "../src/index.ts";
import { carFile, carFileSink } from "../src/node/index.ts";
import { carLog, contentsOf, entriesOf, exported } from "./car-log.ts";

const folder = await mkdtemp(join(tmpdir(), "car-"));
const log = await carLog(60);
afterAll(async () => {
  await log.writer.close();
  await rm(folder, { recursive: true });
});

test("a file is what an export in memory is, and is read in parts", async () => {
  const path = join(folder, "log.car");
  const reader = await openReader({ logId: log.logId, remotes: [log.remote] });
  await exportCar({ reader, to: await carFileSink(path) });
  await reader.close();
  // Several objects are under way at once, so their order is not always the same.
  const { file } = await exported(log);
  const bytes = await readFile(path);
  expect(bytes.length).toBe(file.length);
  expect(await readdir(folder)).toEqual(["log.car"]);
  const remote = carRemote({ file: carFile(path) });
  expect(remote.label).toBe(path);
  const again = await openReader({ logId: log.logId, remotes: [remote] });
  expect(await entriesOf(again)).toEqual(contentsOf(0, 60));
  await again.close();
  await remote.storage.close!();
  await remote.names.close!();
});

test("an export that fails leaves the former file, and nothing beside it", async () => {
  const path = join(folder, "kept.car");
  await writeFile(path, "former");
  const reader = await openReader({ logId: log.logId, remotes: [log.remote] });
  const before = await readdir(folder);
  const error = await failure(exportCar({ reader, to: await carFileSink(path), from: 1_000 }));
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
  const signal = AbortSignal.abort(new Error("enough"));
  expect(await failure(exportCar({ reader, to: await carFileSink(path), signal }))).toBe(signal.reason);
  expect(await readFile(path, "utf8")).toBe("former");
  expect(await readdir(folder)).toEqual(before);
  await exportCar({ reader, to: await carFileSink(path) });
  expect((await readFile(path)).length).toBeGreaterThan(1_000);
  expect(await readdir(folder)).toEqual(before);
  await reader.close();
});

test("what is no file is refused, each with its error", async () => {
  const open = (path: string) => failure(carRemote({ file: carFile(path) }).names.resolve(log.logId));
  expect(await open(join(folder, "none.car"))).toMatchObject({ code: "ERR_UNREACHABLE" });
  await mkdir(join(folder, "folder.car"));
  expect(await open(join(folder, "folder.car"))).toMatchObject({ code: "ERR_INTEGRITY" });
  await symlink("/dev/zero", join(folder, "zero.car"));
  expect(await open(join(folder, "zero.car"))).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(await failure(carFileSink(join(folder, "no", "such.car")))).toMatchObject({
    code: "ERR_UNREACHABLE",
  });
  const over = await carFileSink(join(folder, "folder.car"));
  const reader = await openReader({ logId: log.logId, remotes: [log.remote] });
  expect(await failure(exportCar({ reader, to: over }))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  await reader.close();
  expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("a file that arrives later is read then", async () => {
  const path = join(folder, "later.car");
  const remote = carRemote({ file: carFile(path), label: "later" });
  expect(await failure(remote.names.resolve(log.logId))).toMatchObject({ code: "ERR_UNREACHABLE" });
  await writeFile(path, (await exported(log)).file);
  expect(await remote.names.resolve(log.logId)).toMatchObject({ status: "found" });
  await remote.storage.close!();
});
