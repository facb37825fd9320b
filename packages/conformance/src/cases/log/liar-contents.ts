// LOG-LIAR: a storage that forges or loses what the log is made of.

import { check, equal, outcomeOf } from "../../assert.ts";
import { type Lie, lies } from "../../liar/index.ts";
import { checkOneOf, collect, isRefused, isWhole } from "./delivery.ts";
import { type LiedLog, missingCode, writeElsewhere, writeLiedLog } from "./lied-log.ts";
import type { LogCase } from "./log-case.ts";
import type { LogWorld } from "./log-world.ts";

const INTEGRITY = ["ERR_INTEGRITY"];

/** A storage that forges or loses what the log is made of. */
export const liarContentCases: readonly LogCase[] = [
  {
    id: "LOG-LIAR-01",
    title: "an object of which one bit was flipped is refused, whichever it is",
    run: (world) => everyObject(world, () => lies.flipBit(world.below(2 ** 16))),
  },
  {
    id: "LOG-LIAR-02",
    title: "an object that was cut short is refused, whichever it is",
    run: (world) => everyObject(world, () => lies.truncate(1 + world.below(8))),
  },
  {
    id: "LOG-LIAR-03",
    title: "an object that was made longer is refused, whichever it is",
    run: (world) => everyObject(world, () => lies.extend(1 + world.below(8))),
  },
  {
    id: "LOG-LIAR-04",
    title: "an object of which nothing is left is refused, whichever it is",
    run: (world) => everyObject(world, lies.empty),
  },
  {
    id: "LOG-LIAR-05",
    title: "objects that changed places are refused",
    async run(world) {
      const log = await writeLiedLog(world);
      await refuses(world, log, lies.swappedContents(), INTEGRITY);
    },
  },
  {
    id: "LOG-LIAR-06",
    title: "an object of another log in the place of one of this log is refused",
    async run(world) {
      const log = await writeLiedLog(world);
      const before = new Set(log.liar.history.contents.keys());
      const other = { seed: world.seed(), contents: world.contents(9), sizes: [9] };
      const [head] = await writeElsewhere(world, other);
      for (const address of before) {
        const lie = lies.changedContents(lies.replace(head!.content), (one) => one === address);
        await refusesWhereRead(world, log, address, lie, INTEGRITY);
      }
    },
  },
  {
    id: "LOG-LIAR-07",
    title: "objects that vanish while they are read are told as missing, and never as the end of the log",
    async run(world) {
      const log = await writeLiedLog(world);
      const reads = await readsOf(world, log);
      check(reads >= 5, `the log is read with ${reads} reads only`);
      for (let after = 0; after < reads; after++) {
        await refuses(world, log, lies.vanishedContents(after), [missingCode(world)]);
      }
    },
  },
  {
    id: "LOG-LIAR-08",
    title: "more bytes than the reader takes are refused, of contents and of names",
    async run(world) {
      const log = await writeLiedLog(world);
      const { get, resolve } = lies.endless();
      const limits = { headBytes: 2 ** 14, pageBytes: 2 ** 13, contentBytes: 2 ** 12 };
      for (const lie of [{ get }, { resolve }] as Lie[]) {
        log.liar.lie = lie;
        const before = log.liar.history.calls.length;
        const delivery = await world.readWhole([log.liar], log.logId, { limits });
        isRefused(delivery, log.written, ["ERR_TOO_LARGE"], "an endless answer");
        for (const call of log.liar.history.calls.slice(before)) {
          const most = "maxBytes" in call.options ? (call.options.maxBytes ?? Infinity) : 0;
          check(most <= 2 ** 16, `a ${call.operation} asked for up to ${most} bytes`);
        }
        await honestGetsThrough(world, log);
      }
    },
  },
  {
    id: "LOG-LIAR-09",
    title: "no forged byte comes by way of the newest entries, or of a single one",
    async run(world) {
      const log = await writeLiedLog(world);
      for (const change of [lies.flipBit(world.below(2 ** 10)), lies.truncate(), lies.empty()]) {
        log.liar.lie = lies.changedContents(change);
        const reader = await world.reader([log.liar], log.logId);
        const newest = await outcomeOf(reader.latest(9));
        check(newest.status === "rejected", "the newest entries were delivered");
        checkOneOf(newest.reason, INTEGRITY, "latest");
        for (const sequence of [0, 1, 4]) {
          const one = await outcomeOf(reader.entry(sequence));
          check(one.status === "rejected", `entry ${sequence} was delivered`);
          checkOneOf(one.reason, INTEGRITY, `entry ${sequence}`);
        }
      }
    },
  },
  {
    id: "LOG-LIAR-10",
    title: "a reader that was refused continues where it was, once the storage is honest",
    async run(world) {
      const { liar, logId, written } = await writeLiedLog(world);
      const reader = await world.reader([liar], logId);
      liar.lie = lies.changedContents(lies.flipBit(world.below(2 ** 10)));
      isRefused(await collect(reader.from(0)), written, INTEGRITY, "flipped bits");
      liar.lie = {};
      isWhole(await collect(reader.from(0)), written);
    },
  },
];

/** Changes each object of the log in turn: whoever reads it is told. */
async function everyObject(world: LogWorld, change: () => (bytes: Uint8Array) => Uint8Array): Promise<void> {
  // 3 contents and a node at least, and 4 pages, or 2 pages and the bundle of the others.
  const leastRead = { off: 8, writer: 7 } as const;
  for (const bundles of ["off", "writer"] as const) {
    const log = await writeLiedLog(world, { bundles });
    let refused = 0;
    for (const address of [...log.liar.history.contents.keys()]) {
      const lie = lies.changedContents(change(), (one) => one === address);
      if (await refusesWhereRead(world, log, address, lie, INTEGRITY)) refused++;
    }
    check(refused >= leastRead[bundles], `only ${refused} objects of the log were ever read`);
  }
}

/** Tells whether the object was read; if so, it has to be refused. */
async function refusesWhereRead(
  world: LogWorld,
  log: LiedLog,
  address: string,
  lie: Lie,
  codes: readonly string[],
): Promise<boolean> {
  const { liar, logId, written } = log;
  const before = liar.history.calls.length;
  liar.lie = lie;
  const delivery = await world.readWhole([liar], logId);
  const calls = liar.history.calls.slice(before);
  const read = calls.some((call) => call.operation === "get" && String(call.address) === address);
  if (!read) {
    isWhole(delivery, written);
    return false;
  }
  isRefused(delivery, written, codes, `a lie about ${address}`);
  await honestGetsThrough(world, log);
  return true;
}

/** The lie is refused, with nothing wrong delivered before; beside an honest remote it does no harm. */
async function refuses(world: LogWorld, log: LiedLog, lie: Lie, codes: readonly string[]): Promise<void> {
  log.liar.lie = lie;
  isRefused(await world.readWhole([log.liar], log.logId), log.written, codes, "the lie");
  await honestGetsThrough(world, log);
}

/** Fails unless a reader that has an honest remote besides gets everything, whatever the liar says. */
async function honestGetsThrough(world: LogWorld, { liar, honest, logId, written }: LiedLog): Promise<void> {
  isWhole(await world.readWhole([liar, honest], logId), written);
}

/** How many contents are read for the whole log. */
async function readsOf(world: LogWorld, { liar, logId, written }: LiedLog): Promise<number> {
  const gets = (): number => liar.history.calls.filter(({ operation }) => operation === "get").length;
  const before = gets();
  const { entries } = await world.readWhole([liar], logId);
  equal(entries.length, written.length, "number of entries");
  return gets() - before;
}
