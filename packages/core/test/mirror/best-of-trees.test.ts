// What a copy gets of each entry, when trees of one state show it differently: the best that any of them shows.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { Address, NotFoundError, openReader, type Remote } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import type { Pair } from "../../src/log/pair.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { flipped } from "../reader/damage.ts";
import { kindsOf } from "../reader/forger.ts";
import { ScriptedStorage, scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { rewritten } from "./rewritten-log.ts";
import { logAt, makeTarget, mirrorFrom, readableOn } from "./target.ts";

const SIZE = 29;
const OLDER = 13;

let log: WrittenLog;
const shown = new Map<string, { contents: ReadonlyMap<string, Uint8Array>; head: Uint8Array }>();

const removed = (pair: Pair): Pair => ({ ...pair, place: { kind: "removed" } });
const at =
  (codec: number, hash: number) =>
  (pair: Pair): Pair => ({
    ...pair,
    place: { kind: "pointer", address: Address.create(codec, hash, pair.contentHash) },
  });
// Where an embedded content would be, and is not.
const dangling = at(0x55, 0x12);
// As Swarm has them: no storage here accepts it.
const elsewhere = at(0xfa, 0x1b);

/** Whether a content is an object of its own: then it is found by its hash, even if a tree says that it was removed. */
const isObject = (sequence: number): boolean => sequence % 7 === 3;
const all = Array.from({ length: SIZE }, (_, sequence) => sequence);
const embedded = all.filter((sequence) => !isObject(sequence));

beforeAll(async () => {
  log = await writeLog(contents(SIZE), { settings: foldingCuts, publishAt: [OLDER] });
  const changes: Record<string, (pair: Pair, sequence: number) => Pair> = {
    stripped: removed,
    "older half stripped": (pair, i) => (i < SIZE / 2 ? removed(pair) : pair),
    "newer half stripped": (pair, i) => (i >= SIZE / 2 ? removed(pair) : pair),
    dangling,
    elsewhere,
    "dangling in part": (pair, i) => (i % 3 === 0 ? dangling(pair) : pair),
  };
  for (const [name, change] of Object.entries(changes)) shown.set(name, await rewritten(log, change));
  // Trees of their own that lack what is above or below: what they can't show, another tree shows.
  const { contents: objects, head } = shown.get("stripped")!;
  const own = [...objects].filter(([text]) => !log.contents.has(text));
  const isNode = (bytes: Uint8Array): boolean => bytes.length > 500;
  const sizes = own.map(([, bytes]) => bytes.length);
  expect(new Set(sizes.map((size) => size > 500)).size).toBe(2);
  for (const [name, lacks] of [
    ["stripped without nodes", isNode],
    ["stripped without pages", (bytes: Uint8Array) => !isNode(bytes)],
  ] as const) {
    const kept = [...objects].filter(([text, bytes]) => log.contents.has(text) || !lacks(bytes));
    shown.set(name, { contents: new Map(kept), head });
  }
  shown.set("whole", log);
  shown.set("behind", { contents: log.contents, head: log.heads.get(OLDER)! });
  const without = (kind: string, lacks: (at: number) => boolean): Map<string, Uint8Array> => {
    const texts = [...kindsOf(log)].filter(([, other]) => other === kind).map(([text]) => text);
    return new Map(
      [...log.contents].filter(([text]) => !texts.includes(text) || !lacks(texts.indexOf(text))),
    );
  };
  shown.set("without contents", { contents: without("content", () => true), head: log.head });
  shown.set("without pages", { contents: without("page", () => true), head: log.head });
  shown.set("without nodes", { contents: without("node", () => true), head: log.head });
  const spoiled = new Map(log.contents);
  for (const [text, kind] of kindsOf(log))
    if (kind === "content") spoiled.set(text, flipped(log.contents.get(text)!, 5, 1));
  shown.set("spoiled contents", { contents: spoiled, head: log.head });
});

const sourcesOf = (names: readonly string[]): Remote[] =>
  names.map((name) => {
    const { contents: objects, head } = shown.get(name)!;
    return scriptedRemote(objects, head, { label: name });
  });

/** Which entries the copy lacks, with the codes that say why. */
function lackingIn(missing: Awaited<ReturnType<typeof mirrorFrom>>["missing"]): Map<number, unknown> {
  const lacking = new Map<number, unknown>();
  for (const { from, to, error } of missing)
    for (let i = from; i < to; i++) lacking.set(i, (error as { code?: string }).code);
  return lacking;
}

const lack = (sequences: readonly number[], code: string): Map<number, string> =>
  new Map(sequences.map((sequence) => [sequence, code]));

/** The first entry that is in the head itself, or in a page that the head refers to. */
const firstIn = async (what: "the head" | "its pages"): Promise<number> => {
  const { shape, levels, genesis } = await verifyHead(log.head, log.logId);
  const { leafSize } = genesis.genesis;
  if (what === "the head") return shape.pages * leafSize;
  return (shape.levels[0]!.first + (levels[0]!.node?.refs ?? 0)) * leafSize;
};

test.each([
  [["stripped"], () => lack(embedded, "ERR_WITHHELD")],
  [["stripped", "whole"], () => lack([], "")],
  [["older half stripped", "newer half stripped"], () => lack([], "")],
  [
    ["older half stripped"],
    () =>
      lack(
        embedded.filter((i) => i < SIZE / 2),
        "ERR_WITHHELD",
      ),
  ],
  [
    ["stripped", "behind"],
    () =>
      lack(
        embedded.filter((i) => i >= OLDER),
        "ERR_WITHHELD",
      ),
  ],
  [["dangling"], () => lack(embedded, "ERR_NOT_FOUND")],
  [["dangling", "stripped"], () => lack(embedded, "ERR_WITHHELD")],
  [
    ["dangling in part", "newer half stripped"],
    () =>
      lack(
        embedded.filter((i) => i % 3 === 0 && i >= SIZE / 2),
        "ERR_WITHHELD",
      ),
  ],
  [["elsewhere"], () => lack(all, "ERR_INTEGRITY")],
  [["spoiled contents"], () => lack(all.filter(isObject), "ERR_INTEGRITY")],
  [["without contents", "spoiled contents"], () => lack(all.filter(isObject), "ERR_INTEGRITY")],
  [["without pages", "without nodes"], () => lack([], "")],
  [["stripped without nodes", "whole"], () => lack([], "")],
  [["stripped without nodes", "stripped without pages", "whole"], () => lack([], "")],
])("from %j an empty target gets all that any of them shows", async (names, lacking) => {
  const target = makeTarget();
  const from = sourcesOf(names);
  if (lacking().size === SIZE) {
    expect(await failure(mirrorFrom(log, target, { from }))).toMatchObject({
      code: [...lacking().values()][0],
    });
    expect(target.table.values.size).toBe(0);
    return;
  }
  const result = await mirrorFrom(log, target, { from });
  expect(lackingIn(result.missing)).toEqual(lacking());
  expect(result).toMatchObject({
    missingEntries: lacking().size,
    entries: SIZE - lacking().size,
    name: "updated",
  });
  // A stream ends at each entry that is missing: where many are, finding out takes long.
  if (lacking().size > 8) return;
  expect([...(await readableOn(target.remote, log))]).toEqual(all.filter((i) => !lacking().has(i)));
});

test.each([
  ["without pages", "the head"],
  ["without nodes", "its pages"],
] as const)("from a source %s alone comes what is in %s", async (name, where) => {
  const target = makeTarget();
  const result = await mirrorFrom(log, target, { from: sourcesOf([name]) });
  const first = await firstIn(where);
  expect(first).toBeLessThan(SIZE);
  expect(lackingIn(result.missing)).toEqual(lack(all.slice(0, first), "ERR_NOT_FOUND"));
  expect(result).toMatchObject({ missingEntries: first, entries: SIZE - first });
});

test.each([
  ["stripped", true],
  ["elsewhere", false],
  ["without nodes", true],
])(
  "a target that is whole loses nothing to a source that shows the state %s (known: %s)",
  async (name, isKnown) => {
    const target = makeTarget();
    const { head } = await mirrorFrom(log, target);
    const given = { from: sourcesOf([name]), ...(isKnown && { known: head }) };
    expect(await mirrorFrom(log, target, given)).toMatchObject({ missing: [], entries: SIZE });
    expect([...(await readableOn(target.remote, log))]).toEqual(all);
  },
);

test.each([
  ["stripped", false, "updated"],
  ["stripped", true, "updated"],
  ["stripped without pages", false, "refused"],
  ["stripped without nodes", false, "refused"],
  ["without pages", true, "refused"],
  ["without nodes", false, "refused"],
])(
  "a target that has the older entries keeps them, whatever a source of the newest state lacks: %s (known: %s), %s",
  async (name, isKnown, outcome) => {
    const target = makeTarget();
    const { head } = await mirrorFrom(logAt(log, OLDER), target);
    const before = target.table.values.get(log.logId);
    const given = { from: sourcesOf([name]), ...(isKnown && { known: head }) };
    const copied = await mirrorFrom(log, target, given).catch((error: unknown) => error);
    expect(copied instanceof Error ? "refused" : "updated").toBe(outcome);
    expect(target.table.values.get(log.logId) === before).toBe(outcome === "refused");
    const reader = await openReader({ logId: log.logId, remotes: [target.remote] });
    const readable: number[] = [];
    for await (const { sequence } of reader.from(0)) {
      readable.push(sequence);
      if (sequence + 1 === OLDER) break;
    }
    expect(readable).toEqual(all.slice(0, OLDER));
    await reader.close();
  },
);

test("an address that cannot be read now is kept: it may be readable later", async () => {
  const target = makeTarget();
  await mirrorFrom(log, target, { from: sourcesOf(["stripped", "dangling in part"]) });
  const head = await verifyHead(target.table.values.get(log.logId)!.content, log.logId);
  const view = new TreeView(
    head,
    new ScriptedStorage(target.contents),
    defaultLimits,
    new AbortController().signal,
  );
  const pairs: Pair[] = [];
  for (let i = 0; i < view.pages; i++) pairs.push(...(await view.page(i)).pairs);
  pairs.push(...head.pairs);
  // What is an object is found by its hash; the rest is embedded in the second tree, or at an address there.
  expect(pairs.map(({ place }) => place.kind)).toEqual(
    all.map((i) => (isObject(i) || i % 3 === 0 ? "pointer" : "embedded")),
  );
});

test("a target without names gets one tree as it is: the first that is complete, or else the fullest", async () => {
  for (const [names, best, lacking] of [
    [["stripped", "whole", "dangling"], "whole", 0],
    [["whole", "stripped"], "whole", 0],
    [["stripped", "older half stripped"], "older half stripped", Math.ceil(SIZE / 2)],
    [["older half stripped", "stripped"], "older half stripped", Math.ceil(SIZE / 2)],
  ] as const) {
    const target = makeTarget();
    const result = await mirrorFrom(log, target, {
      from: sourcesOf(names),
      to: { storage: target.remote.storage },
    });
    expect(result.head).toEqual(shown.get(best)!.head);
    expect(result.missingEntries).toBe(lacking);
    expect(result).not.toHaveProperty("name");
    const reader = scriptedRemote(target.contents, result.head);
    expect((await readableOn(reader, log)).size).toBe(SIZE - lacking);
  }
});

test("a target without names gets nothing from a source that shows nothing", async () => {
  const target = makeTarget();
  const to = { storage: target.remote.storage };
  expect(await failure(mirrorFrom(log, target, { from: sourcesOf(["elsewhere"]), to }))).toMatchObject({
    code: "ERR_INTEGRITY",
  });
});

test("a fault of the program, and an abort, are no gaps in a log", async () => {
  const bug = new TypeError("not a function");
  const controller = new AbortController();
  for (const [error, options] of [
    [bug, {}],
    ["gave up", { signal: controller.signal }],
  ] as const) {
    const [source] = sourcesOf(["whole"]) as [ReturnType<typeof scriptedRemote>];
    let reads = 0;
    source.storage.before = () => {
      if (++reads < 5) return undefined;
      if (error === bug) throw bug;
      controller.abort("gave up");
      return Promise.reject(new NotFoundError("no", { operation: "storage.get" }));
    };
    const target = makeTarget();
    expect(await failure(mirrorFrom(log, target, { from: [source], ...options }))).toBe(error);
    expect(target.table.values.size).toBe(0);
  }
});

test("a tree that says that contents were removed is not complete for a target without names, which gets it as it is", async () => {
  const objects = await writeLog(contents(SIZE), { settings: foldingCuts, largestEmbedded: 0 });
  const stripped = await rewritten(objects, removed);
  const target = makeTarget();
  const result = await mirrorFrom(objects, target, {
    from: [
      scriptedRemote(stripped.contents, stripped.head, { label: "stripped" }),
      scriptedRemote(objects.contents, objects.head, { label: "whole" }),
    ],
    to: { storage: target.remote.storage },
  });
  expect(result).toMatchObject({ missingEntries: 0, head: objects.head });
  const reader = scriptedRemote(target.contents, result.head);
  expect((await readableOn(reader, objects)).size).toBe(SIZE);
});
