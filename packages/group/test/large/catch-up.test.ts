// What catching up takes in memory, and opening a device that has written much: entries go to the disk as they come. It is measured by
// process.memoryUsage(), so it needs a worker of its own. For more of them: TEST_WHOLE=1 GROUP_MESSAGES=200000 pnpm vitest run packages/group/test/large/catch-up.test.ts --silent=false

import { join } from "node:path";
import { generateSeed, openWriter } from "@remote-log/core";
import { fsRemote } from "@remote-log/fs";
import { whole } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { ClassicLevel } from "classic-level";
import { expect, test } from "vitest";
import { type Group, jsonCodec, openGroup } from "../../src/index.ts";
import { prefixedDatabase } from "../../src/store/prefixed-database.ts";
import { encodeEnvelope } from "../../src/wire/envelope.ts";
import { held } from "./held.ts";

const MESSAGES = Number(process.env["GROUP_MESSAGES"] ?? 20_000);
/** In bytes. */
const MOST = 10_000_000;
const STEP = 1000;
const MESSAGES_LOG = Uint8Array.of(1);

const codec = jsonCodec<string>();

/** The most that is held while something runs, in bytes. */
async function mostHeld(work: Promise<unknown>): Promise<number> {
  let [most, ended] = [0, false];
  void work
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  while (!ended) {
    most = Math.max(most, await held());
    await new Promise((wake) => setTimeout(wake, 200));
  }
  await work;
  return most;
}

test.runIf(whole)(
  `${MESSAGES} messages of another device are read, and a device that wrote as many is opened, within ${MOST / 1e6} MB`,
  async () => {
    const folder = await temporaryFolder();
    const remote = () => fsRemote({ root: join(folder, "shared") });
    const seeds = { alice: generateSeed(), bob: generateSeed() };
    const database = (name: string): ClassicLevel<Uint8Array, Uint8Array> =>
      new ClassicLevel<Uint8Array, Uint8Array>(join(folder, name));
    const open = (name: "alice" | "bob", invite?: string): Promise<Group<string>> =>
      openGroup({
        seed: seeds[name],
        journal: database(`${name}-journal`),
        store: database(`${name}-store`),
        codec,
        remotes: () => [{ remote: remote(), uri: "file:shared" }],
        schemes: { "file:": remote },
        sync: "manual",
        invite,
      });
    let alice = await open("alice");
    let bob = await open("bob", await alice.invite());
    for (const group of [alice, bob, alice, bob]) await group.sync();
    await alice.close();

    // As it would have written them one by one.
    const journal = database("alice-journal");
    const writer = await openWriter({
      seed: seeds.alice,
      journal: prefixedDatabase(journal, MESSAGES_LOG),
      remotes: [remote()],
      publish: "manual",
    });
    for (let i = 0; i < MESSAGES; i += STEP) {
      const contents = Array.from({ length: STEP }, (_, k) => {
        const body = codec.encode(`message ${i + k}, of some length, as people write them`);
        return encodeEnvelope({
          time: i + k + 1,
          parents: [],
          type: "json",
          version: 1,
          body,
          attachments: [],
        });
      });
      await writer.appendAll(contents);
      if (i % (20 * STEP) === 0) await writer.publish();
    }
    await writer.publish();
    await writer.close();
    await journal.close();

    let before = await held();
    const copied = await mostHeld((async () => (alice = await open("alice")))());
    console.log(`opened by its author: ${told(copied - before)}`);
    before = await held();
    const read = await mostHeld(bob.sync());
    console.log(
      `read by another device: ${told(read - before)}, ${told((await held()) - before)} when it is done`,
    );
    await bob.close();
    before = await held();
    const again = await mostHeld((async () => (bob = await open("bob")))());
    console.log(`opened again by the other: ${told(again - before)}`);
    const listed = await mostHeld(
      (async () => {
        let count = 0;
        for await (const { value } of bob.messages()) if (!value.startsWith(`message ${count++},`)) break;
        expect(count).toBe(MESSAGES);
      })(),
    );
    console.log(`listed by the other: ${told(listed - before)}`);
    expect(Math.max(copied, read, again, listed) - before).toBeLessThan(MOST);
    await alice.close();
    await bob.close();
  },
  7_200_000,
);

function told(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB more`;
}
