// The system fails at each system call of an append, a publish and a repair: the disk does not answer, is full, or the process dies.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runs, sample } from "@remote-log/test-kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  canInject,
  countCalls,
  type Fault,
  FaultyPlace,
  faults,
  runWithFault,
  runWorker,
  type Syscall,
} from "./faulty-syscalls.ts";

// SYSCALL_FAULTS asks for more of them, or for all.
const asked = process.env["SYSCALL_FAULTS"];
const count = asked === "all" ? Number.MAX_SAFE_INTEGER : Number(asked ?? runs(4, 48));

let prepared: FaultyPlace;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "remote-log-syscall-"));
  const empty = new FaultyPlace(folder, new Uint8Array(32).fill(7), new Map());
  const { lines } = await runWorker(empty, 0);
  const acknowledged = lines.map((line) => line.split(" ")).filter(([kind]) => kind === "acknowledged");
  expect(lines.at(-1)).toBe("ended well");
  // The repair has to put something back.
  const contents = join(folder, "remote", "contents");
  const [missing] = await readdir(contents);
  await rm(join(contents, missing!), { recursive: true });
  prepared = new FaultyPlace(
    folder,
    empty.secret,
    new Map(acknowledged.map(([, at, hash]) => [Number(at), hash!])),
  );
});

afterAll(() => prepared?.remove());

test("where nothing fails, the same run ends well", async () => {
  const place = await prepared.copy();
  const { lines } = await runWorker(place, 1);
  expect(lines.at(-1)).toBe("ended well");
  await place.remove();
});

test.skipIf(!canInject)(
  "whatever call fails, what was acknowledged is there, and the log can be published",
  async () => {
    const place = await prepared.copy();
    const calls = await countCalls(place);
    await place.remove();
    for (const kind of Object.keys(calls) as Syscall[])
      expect(calls[kind], JSON.stringify(calls)).toBeGreaterThan(0);
    const all: Fault[] = [];
    for (const [syscall, most] of Object.entries(calls) as [Syscall, number][])
      for (const fault of Object.keys(faults) as (keyof typeof faults)[])
        for (let at = 1; at <= most; at++) all.push({ syscall, fault, at });
    const chosen = sample("system calls that fail", all, count, { all: count >= all.length });
    if (asked !== undefined)
      process.stdout.write(`${chosen.length} of ${all.length} faults: ${JSON.stringify(calls)}\n`);
    let happened = 0;
    const broken: unknown[] = [];
    for (const fault of chosen) {
      const what = `${fault.fault} at call ${fault.at} of ${fault.syscall}`;
      try {
        if (await runWithFault(prepared, fault)) happened++;
      } catch (cause) {
        broken.push(new Error(what, { cause }));
      }
    }
    expect(broken).toEqual([]);
    // A thread can have less to do than when the calls were counted.
    expect(happened).toBeGreaterThan(chosen.length / 3);
  },
  1_800_000,
);
