import { isRemoteLogError } from "@remote-log/core";
import { serverOrSkip, startBee } from "@remote-log/servers";
import { afterAll, describe, expect, test } from "vitest";
import { type Between, startNodeProxy } from "../node-proxy.ts";
import { notFound, publishLog, readThrough } from "./attacked-log.ts";

const { skip } = await serverOrSkip("bee");

/** What an attacker makes of the data of a chunk; `other` is one that belongs elsewhere in the same log. */
const damages: readonly (readonly [string, (data: Uint8Array, other: Uint8Array) => Uint8Array])[] = [
  ["is another one of the log", (_data, other) => other],
  ["has a bit flipped at its end", (data) => data.with(data.length - 1, data.at(-1)! ^ 4)],
  ["has a bit flipped in its span", (data) => data.with(data.length > 4_104 ? 97 : 0, data[0]! ^ 1)],
  ["has the highest bit of its span set", (data) => data.with(data.length > 4_104 ? 104 : 7, 0x80)],
  ["is cut off in the middle", (data) => data.slice(0, data.length >> 1)],
  ["is longer", (data) => Uint8Array.from([...data, 1])],
  ["is empty", () => new Uint8Array(0)],
  ["is one byte", () => Uint8Array.of(1)],
];

/** What a chunk is called that is not what was asked for. */
const forgery = new Set(["ERR_INTEGRITY", "ERR_UNREACHABLE"]);
/** What a chunk is called that is not shown: a whole log, too, for who has not seen it. */
const absence = new Set(["ERR_NOT_PROPAGATED", "ERR_NOT_FOUND", "ERR_UNREACHABLE"]);

describe.skipIf(skip)("a reader whose node lies about contents", async () => {
  if (skip) return;
  const bee = await startBee();
  afterAll(() => bee.stop());
  const stamp = await bee.buyBatch();
  const log = await publishLog({ url: bee.url, stamp, sizes: [3, 40] });
  const node = await startNodeProxy(bee.url);
  await readThrough(node.url, log);
  const paths = [
    ...new Set(node.asked.map(({ path }) => path).filter((path) => path.startsWith("/chunks/"))),
  ];
  const held = new Map<string, Uint8Array>();
  for (const path of paths) {
    const answer = await fetch(`${bee.url}${path}`);
    if (answer.ok) held.set(path, new Uint8Array(await answer.arrayBuffer()));
  }
  const places = [...held.keys()];

  /** Reads the log, while one chunk is answered otherwise. */
  async function readWith(place: string, answer: Between): Promise<void> {
    node.become((asked, passOn) => (asked.path === place ? answer(asked, passOn) : passOn()));
    const delivery = await readThrough(node.url, log);
    // What came before the lie is right, and there is no more.
    expect(delivery.texts).toEqual(log.texts.slice(0, delivery.texts.length));
    if (delivery.error === undefined) {
      // What a first contact is not shown, it can't miss.
      expect(log.sizes).toContain(delivery.texts.length);
      return;
    }
    expect(isRemoteLogError(delivery.error), `${delivery.error?.stack}`).toBe(true);
    refusals.push(delivery.error?.code ?? "none");
  }
  let refusals: string[] = [];

  test("the log of these tests has chunks of every kind", () => {
    expect(places.length).toBeGreaterThan(20);
    const sizes = [...held.values()].map(({ length }) => length);
    expect(sizes.filter((size) => size === 4_104).length).toBeGreaterThan(5);
  });

  /** The two updates, and every fourth of the other chunks: a different one for each test. */
  const some = (which: number): [number, string][] =>
    [...places.entries()].filter(([i]) => i < 2 || (i + which) % 4 === 0);

  test.each(damages.map(([words, damage], which) => [words, which, damage] as const))(
    "nothing of any chunk that %s is delivered",
    async (_, which, damage) => {
      refusals = [];
      for (const [i, place] of some(which)) {
        const body = damage(held.get(place)!, held.get(places[(i + 1) % places.length]!)!);
        await readWith(place, () => ({ status: 200, body }));
      }
      // One is the older of two updates, which the reader may not need.
      expect(refusals.length).toBeGreaterThanOrEqual(some(which).length - 1);
      expect([...new Set(refusals)].filter((code) => !forgery.has(code))).toEqual([]);
    },
  );

  test("a chunk that is withheld, or that the node can't find out about, is told as that", async () => {
    refusals = [];
    for (const [, place] of some(0)) await readWith(place, () => notFound);
    expect([...new Set(refusals)].filter((code) => !absence.has(code))).toEqual([]);
    refusals = [];
    for (const [, place] of some(1)) await readWith(place, () => ({ status: 500, body: '{"code":500}' }));
    expect(new Set(refusals)).toEqual(new Set(["ERR_UNREACHABLE"]));
  });
});
