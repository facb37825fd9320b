// A backlog that is published by processes which are killed, with a journal and a remote on a disk.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fsRemote } from "@remote-log/fs";
import { runs } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { ClassicLevel } from "classic-level";
import { expect, test } from "vitest";
import { openWriter } from "../../src/index.ts";
import { contentsOf } from "./interrupted-publish.ts";
import { readCold } from "./log-contents.ts";

const worker = fileURLToPath(new URL("backlog-worker.mjs", import.meta.url));
const entries = runs(600, 3000);

/** Runs the worker until it has published everything, or is killed after some uploads. */
async function runWorker(folder: string, limit: number): Promise<{ uploads: number; killed: boolean }> {
  const child = spawn(process.execPath, [worker, folder, String(entries), String(limit)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let uploads = 0;
  child.stdout.on("data", (letters: Buffer) => {
    uploads += letters.length;
  });
  const [code, signal] = await once(child, "close");
  if (signal !== "SIGKILL" && code !== 0) throw new Error(`The worker ended with ${code}.`);
  return { uploads, killed: signal === "SIGKILL" };
}

test(`${entries} entries, by processes that are killed: at most 1.2 uploads an object`, async () => {
  const folder = await temporaryFolder();
  let uploads = 0;
  let lives = 0;
  for (let killed = true; killed; lives++) {
    const life = await runWorker(folder, 250 + Math.floor(Math.random() * 100));
    uploads += life.uploads;
    killed = life.killed;
  }
  const remote = fsRemote({ root: join(folder, "remote"), label: "folder" });
  let objects = 0;
  for await (const _ of remote.storage.list!()) objects++;
  expect(lives).toBeGreaterThan(1);
  expect(objects).toBeGreaterThan(entries);
  expect(uploads / objects).toBeLessThanOrEqual(1.2);

  const journal = new ClassicLevel<Uint8Array, Uint8Array>(join(folder, "journal"));
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: new Uint8Array(32).fill(5),
    journal,
    remotes: [remote],
    publish: "manual",
  });
  await writer.close();
  expect(await readCold(writer.logId, remote)).toEqual(contentsOf(entries, 1100));
});
