// A mirror to a network that is cut off again and again: what is there already is not stored again, and nothing is left out.
import { whole } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import {
  addressOf,
  type MirrorPart,
  mirrorLog,
  openReader,
  rawSha256,
  UnreachableError,
} from "../../src/index.ts";
import { CopiedFront } from "../../src/mirror/copied-front.ts";
import { kindsOf } from "../reader/forger.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, smallCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { logAt, makeTarget, mirrorFrom, type Target } from "./target.ts";

interface Network {
  readonly target: Target;
  readonly cutAfter: (puts: number) => void;
  readonly puts: () => number;
}

/** A network that takes a number of objects, and is then cut off. */
function network(): Network {
  let left = Number.POSITIVE_INFINITY;
  let puts = 0;
  const target = makeTarget({
    around: (call, proceed) => {
      if (call.kind !== "put") return proceed();
      if (left === 0) throw new UnreachableError("The network is cut off.", { operation: "storage.put" });
      left--;
      puts++;
      return proceed();
    },
  });
  const cutAfter = (most: number): void => {
    left = most;
  };
  return { target, cutAfter, puts: () => puts };
}

/** One life of a mirror: how far it says to have come, and whether it was cut off. */
async function life(log: WrittenLog, { remote }: Target, before: MirrorPart | undefined) {
  let soFar = before;
  const reader = await openReader({ logId: log.logId, remotes: [scriptedRemote(log.contents, log.head)] });
  try {
    await mirrorLog({
      reader,
      to: { storage: remote.storage },
      retries: 0,
      ...before,
      onProgress: (progress) => {
        soFar = progress.soFar ?? soFar;
      },
    });
    return { soFar, isCut: false };
  } catch (error) {
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE" });
    return { soFar, isCut: true };
  } finally {
    await reader.close();
  }
}

function expectAll({ contents: there }: Target, log: WrittenLog): void {
  expect([...kindsOf(log).keys()].filter((text) => !there.has(text))).toEqual([]);
}

test.each([
  ["small pages and nodes", smallCuts],
  ["nodes that are stored before they are full", foldingCuts],
])("wherever it is cut off, the next mirroring stores all that is not there: %s", async (_, settings) => {
  const size = 100;
  const log = await writeLog(contents(size), { settings, publishAt: [70] });
  for (const first of [logAt(log, 70), log]) {
    for (let cut = 0; ; cut += whole ? 1 : 25) {
      const { target, cutAfter } = network();
      cutAfter(cut);
      const { soFar, isCut } = await life(first, target, undefined);
      if (!isCut) break;
      cutAfter(Number.POSITIVE_INFINITY);
      expect(await life(log, target, soFar)).toMatchObject({ isCut: false });
      expectAll(target, log);
    }
  }
});

test("a mirror that is cut off after every 300 uploads ends, with at most 1.2 uploads for each object", async () => {
  const log = await writeLog(contents(650), { settings: {}, largestEmbedded: 0 });
  const objects = kindsOf(log).size;
  const { target, cutAfter, puts } = network();
  let soFar: MirrorPart | undefined;
  let isCut = true;
  for (let lives = 0; isCut && lives < 30; lives++) {
    cutAfter(300);
    ({ soFar, isCut } = await life(log, target, soFar));
  }
  expect(isCut).toBe(false);
  expectAll(target, log);
  expect(puts()).toBeLessThanOrEqual(1.2 * objects);
});

test("what an earlier mirroring had brought is not forgotten for a part of it", async () => {
  const log = await writeLog(contents(200), { publishAt: [150] });
  const { target, cutAfter, puts } = network();
  const { head, missing } = await mirrorFrom(logAt(log, 150), { ...target, remote: { ...target.remote } });
  cutAfter(1);
  const { soFar, isCut } = await life(log, target, { known: head, missing });
  expect(isCut).toBe(true);
  const before = puts();
  cutAfter(Number.POSITIVE_INFINITY);
  await life(log, target, soFar);
  expectAll(target, log);
  // 50 entries in pages of 4, with their contents and nodes.
  expect(puts() - before).toBeLessThan(30);
});

test("a target with names is asked what it has, so nothing is said of parts", async () => {
  const log = await writeLog(contents(50));
  const said: unknown[] = [];
  await mirrorFrom(log, makeTarget(), { onProgress: ({ soFar }) => said.push(soFar) });
  expect(said.filter((part) => part !== undefined)).toEqual([]);
});

test("what no source could show stays missing in every part", async () => {
  const log = await writeLog(contents(100), { largestEmbedded: 0 });
  const lost = `${await addressOf(log.entries[5]!, rawSha256)}`;
  const without = { ...log, contents: new Map([...log.contents].filter(([text]) => text !== lost)) };
  const { target, cutAfter, puts } = network();
  cutAfter(60);
  const { soFar } = await life(without, target, undefined);
  expect(soFar!.missing).toEqual([
    { from: 5, to: 6 },
    { from: expect.any(Number), to: 100 },
  ]);
  cutAfter(Number.POSITIVE_INFINITY);
  const before = puts();
  // Now there is a source that has it.
  await life(log, target, soFar);
  expectAll(target, log);
  expect(puts() - before).toBeLessThan(kindsOf(log).size - 40);
});

test("the front is where everything before it is done, with the nodes that end there", () => {
  const front = new CopiedFront();
  const [one, two] = [front.begin(4), front.begin(8)];
  two();
  expect(front.entries).toBe(0);
  one();
  // A node that ends at 8 may still begin.
  expect(front.entries).toBe(4);
  const node = front.begin(8);
  const three = front.begin(12);
  three();
  expect(front.entries).toBe(4);
  node();
  expect(front.entries).toBe(8);
  front.begin(16);
  expect(front.entries).toBe(12);
});
