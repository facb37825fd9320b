// What a group of many messages takes in memory: they are on the disk, and a stream holds a step of them. It is measured by
// process.memoryUsage(), so it needs a worker of its own. To see the figures for a million:
// TEST_WHOLE=1 pnpm vitest run packages/group/test/large/million.test.ts --silent=false

import { join } from "node:path";
import { generateSeed } from "@remote-log/core";
import { runs, whole } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { ClassicLevel } from "classic-level";
import { expect, test } from "vitest";
import { jsonCodec, openGroup } from "../../src/index.ts";
import { GroupStore, type NewEntry } from "../../src/store/group-store.ts";
import { encodeEnvelope } from "../../src/wire/envelope.ts";
import { held } from "./held.ts";

const MESSAGES = runs(5_000, 1_000_000);
/** In bytes. A few messages that are all held would still be more. */
const MOST = runs(2_000_000, 10_000_000);
const LOGS = 10;
const STEP = 1000;

const codec = jsonCodec<string>();

/** Messages of several logs, of which each has read the others'. */
function* written(): Generator<NewEntry> {
  for (let i = 0; i < MESSAGES; i++) {
    const [log, sequence, time] = [logOf(i), Math.floor(i / LOGS), i + 1];
    const parents = i === 0 ? [] : [{ log: logOf(i - 1), sequence: Math.floor((i - 1) / LOGS) }];
    const body = codec.encode(`message ${i}, of some length, as people write them`);
    const content = encodeEnvelope({ time, parents, type: "json", version: 1, body, attachments: [] });
    yield { log, sequence, content, time, parents, receivedAt: time };
  }
}

function logOf(i: number): string {
  return (10 + (i % LOGS)).toString(16).padStart(64, "0");
}

test(
  `a group with ${MESSAGES} messages is opened, and read from its first to its last, within ${MOST / 1e6} MB`,
  async () => {
    const folder = await temporaryFolder();
    const database = (name: string): ClassicLevel<Uint8Array, Uint8Array> =>
      new ClassicLevel<Uint8Array, Uint8Array>(join(folder, name));
    const filled = database("store");
    const store = new GroupStore(filled);
    await store.open();
    let step: NewEntry[] = [];
    for (const entry of written()) {
      if (step.push(entry) < STEP) continue;
      await store.add(step);
      step = [];
    }
    await filled.close();

    const settings = { seed: generateSeed(), codec, sync: "manual" } as const;
    // What is loaded once, whatever the group has.
    const empty = await openGroup({ ...settings, journal: database("j0"), store: database("s0") });
    for await (const _ of empty.messages()) break;
    await empty.close();
    const before = await held();
    const group = await openGroup({ ...settings, journal: database("journal"), store: database("store") });
    const opened = (await held()) - before;
    let [count, last, most] = [0, 0, 0];
    for await (const { time, value } of group.messages()) {
      expect(time > last && value.startsWith(`message ${count},`)).toBe(true);
      last = time;
      if (++count % (MESSAGES / 10) === 0) most = Math.max(most, (await held()) - before);
    }
    expect(count).toBe(MESSAGES);
    console.log(
      `${MESSAGES} messages: ${told(opened)} when it is open, ${told(most)} at most while all are read`,
    );
    expect(Math.max(opened, most)).toBeLessThan(MOST);
    await group.close();
  },
  whole ? 3_600_000 : 600_000,
);

function told(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
