// LOG-REMOTES: the adapter beside another remote, which is in memory.

import { type Remote, UnreachableError } from "@remote-log/core";
import { check, checkError, equal, outcomeOf } from "../../assert.ts";
import { lies, lyingRemote } from "../../liar/index.ts";
import { collect, isWhole } from "./delivery.ts";
import type { LogCase } from "./log-case.ts";
import type { LogWorld } from "./log-world.ts";

const down = lies.failed(() => new UnreachableError("It is down.", { operation: "remote.reach" }));

/** The adapter beside another remote, which is in memory. */
export const remotesCases: readonly LogCase[] = [
  {
    id: "LOG-REMOTES-01",
    title: "two remotes hold the same log, under one signature",
    async run(world) {
      const [written, memory] = [world.contents(7), world.memory()];
      const writer = await world.writer([world.remote, memory]);
      for (const size of [3, 7]) {
        await writer.appendAll(written.slice(writer.size, size));
        await writer.publish();
      }
      const notes: (string | undefined)[] = [];
      for (const remote of [world.remote, memory]) {
        await world.readsAll([remote], writer.logId, written);
        const reader = await world.reader([remote], writer.logId);
        await reader.sync();
        notes.push(reader.checkpoint);
      }
      check(notes[0] !== undefined, "there is no checkpoint");
      equal(notes[0], notes[1], "the signed checkpoint of the adapter");
    },
  },
  {
    id: "LOG-REMOTES-02",
    title: "while the other remote is down, the adapter takes and shows everything",
    async run(world) {
      const other = lyingRemote(world.memory(), down);
      await oneIsDown(world, world.remote, other, [world.remote, other]);
    },
  },
  {
    id: "LOG-REMOTES-03",
    title: "while the adapter is down, the other remote continues; then the adapter gets what it missed",
    async run(world) {
      const [liar, memory] = [lyingRemote(world.remote, down), world.memory()];
      const { logId, written, publish } = await oneIsDown(world, memory, liar, [liar, memory]);
      liar.lie = {};
      await world.settled(publish);
      await world.readsAll([world.remote], logId, written);
    },
  },
  {
    id: "LOG-REMOTES-04",
    title: "of two remotes the newest state wins, whichever it is, and the other one is named as behind",
    async run(world) {
      const memory = world.memory();
      const [adapterSide, memorySide] = [lyingRemote(world.remote), lyingRemote(memory)];
      const written = world.contents(6);
      const writer = await world.writer([adapterSide, memorySide]);
      await writer.appendAll(written.slice(0, 2));
      await writer.publish();
      await world.readsAll([world.remote], writer.logId, written.slice(0, 2));
      for (const [size, behind] of [
        [4, memorySide],
        [6, adapterSide],
      ] as const) {
        behind.lie = down;
        await writer.appendAll(written.slice(writer.size, size));
        await outcomeOf(writer.publish());
        await world.readsAll([world.remote, memory], writer.logId, written.slice(0, size));
        const reader = await world.reader([world.remote, memory], writer.logId);
        const { remotes } = await reader.sync();
        const report = remotes.find(({ label }) => label === behind.label);
        equal(report?.status, "behind", `what is said of ${behind.label}`);
        behind.lie = {};
        await world.settled(() => writer.publish());
      }
      for (const remote of [world.remote, memory]) await world.readsAll([remote], writer.logId, written);
    },
  },
];

/** Publishes to two remotes of which one is down, and has the log read from both. */
async function oneIsDown(
  world: LogWorld,
  up: Remote,
  dead: Remote,
  remotes: readonly Remote[],
): Promise<{ logId: string; written: readonly Uint8Array[]; publish: () => Promise<void> }> {
  const written = world.contents(5);
  const writer = await world.writer(remotes);
  for (const size of [3, 5]) {
    await writer.appendAll(written.slice(writer.size, size));
    const outcome = await outcomeOf(writer.publish());
    check(outcome.status === "rejected", "a publish to a remote that is down succeeded");
    checkError(outcome.reason, "ERR_UNREACHABLE", "publish");
  }
  const { logId } = writer;
  await world.readsAll([up], logId, written);
  await world.readsAll(remotes, logId, written);
  const reader = await world.reader(remotes, logId);
  const { remotes: reports } = await reader.sync();
  equal(reports.find(({ label }) => label === dead.label)?.status, "failed", "what is said of the dead one");
  isWhole(await collect(reader.from(0)), written);
  return { logId, written, publish: () => writer.publish() };
}
