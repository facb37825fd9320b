import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Address } from "@remote-log/core";
import { fsNames, fsStorage } from "@remote-log/fs";
import { runs } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { randomFrom, startWorker } from "./processes.ts";

const seed = Number(process.env["REMOTE_LOG_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
const ROUNDS = runs(8, 30);

test(`a process killed at ${ROUNDS} random moments loses nothing that it acknowledged, and tears no name`, async () => {
  const random = randomFrom(seed);
  const root = await temporaryFolder();
  const acknowledged = new Set<string>();
  let updates = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const worker = startWorker("endless", root, `${seed}-${round}`);
    await worker.first;
    await sleep(random() * 40);
    worker.child.kill("SIGKILL");
    let revision: string | undefined;
    for (const line of await worker.lines) {
      const [what, value, at] = line.split(" ");
      if (what === "put") acknowledged.add(value!);
      else [updates, revision] = [Number(value), at];
    }

    const names = fsNames({ root });
    const found = await names.resolve("crash");
    // Killed before its first update.
    if (found.status === "absent" && updates === 0) continue;
    if (found.status !== "found") throw new Error(`The name is ${found.status} (seed ${seed}).`);
    const count = Number(new TextDecoder().decode(found.content.slice(0, 12)));
    // The one that was under way may have succeeded; its acknowledgement was lost.
    expect([updates, updates + 1], `seed ${seed}`).toContain(count);
    if (count === updates && revision !== undefined) expect(found.revision, `seed ${seed}`).toBe(revision);
    expect(found.content.length).toBe(1000 + ((count * 131) % 50_000));
    expect(new Set(found.content.subarray(12))).toEqual(new Set([count & 0xff]));
    updates = count;
  }
  expect(acknowledged.size, `seed ${seed}`).toBeGreaterThanOrEqual(ROUNDS);

  const storage = fsStorage({ root });
  for (const address of acknowledged) await storage.get(Address.fromString(address));
  const listed = new Set<string>();
  for await (const address of storage.list()) {
    await storage.get(address);
    listed.add(address.toString());
  }
  for (const address of acknowledged) expect(listed).toContain(address);

  // What the killed ones left in the name's folder goes away with the next few updates.
  const names = fsNames({ root });
  for (let i = 0; i < 6; i++) {
    const found = await names.resolve("crash");
    if (found.status !== "found") throw new Error(`The name is ${found.status} (seed ${seed}).`);
    await names.update("crash", Uint8Array.of(i), { expected: found.revision });
  }
  const [folder] = await readdir(join(root, "names"));
  expect((await readdir(join(root, "names", folder!))).length).toBeLessThanOrEqual(6);
});
