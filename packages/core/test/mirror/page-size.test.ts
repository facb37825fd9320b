// A page that several trees made too large for the target: its largest contents become objects of their own.

import { memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { Address, InvalidInputError, MalformedError, rawSha256, TooLargeError } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { encodePage } from "../../src/log/page.ts";
import type { Pair } from "../../src/log/pair.ts";
import { AnySource } from "../../src/mirror/any-source.ts";
import { KnownTree } from "../../src/mirror/known-tree.ts";
import { isSameForm, PageCopier } from "../../src/mirror/page-copier.ts";
import { TargetStore } from "../../src/mirror/target-store.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, writeLog } from "../reader/written-log.ts";

const { signal } = new AbortController();
let view: TreeView;

beforeAll(async () => {
  const log = await writeLog(contents(1));
  const head = await verifyHead(log.head, log.logId);
  view = new TreeView(head, new ScriptedStorage(log.contents), defaultLimits, signal);
});

/** Copies pages into a target with a limit of bytes; `stored` has what it holds. */
function copierTo(largestContent: number) {
  const stored = new Map<string, Uint8Array>();
  const storage = memoryStorage({ contents: stored });
  const limited = { ...storage, capabilities: { ...storage.capabilities, largestContent } };
  const counted: object[] = [];
  const pages = new PageCopier(
    {
      views: [view],
      others: [],
      held: [],
      sources: new AnySource([view.storage]),
      target: new TargetStore(limited, { resume: false, retries: 0 }, signal),
      known: new KnownTree(undefined),
      unchanged: false,
      removed: [],
      concurrency: 1,
      onProgress: undefined,
    },
    {
      advance: (counts) => void counted.push(counts),
      missing: () => expect.unreachable(),
      find: () => expect.unreachable(),
      refOf: () => expect.unreachable(),
    },
    signal,
  );
  return { pages, stored, counted };
}

/** Entries with contents of these lengths. */
function pairsOf(...lengths: number[]): Pair[] {
  return lengths.map((length, i) => {
    const stored = new Uint8Array(length).fill(i);
    const contentHash = rawSha256.digest(stored) as Uint8Array;
    return { localHash: new Uint8Array(32).fill(i + 1), contentHash, place: { kind: "embedded", stored } };
  });
}

const bytesOf = (pairs: readonly Pair[]): Uint8Array => encodePage(pairs, undefined);

/** How a page is cut that has a byte more than the target takes: which of its entries become objects. */
async function movedOut(lengths: number[], short = 1): Promise<{ moved: number[]; bytes: Uint8Array }> {
  const pairs = pairsOf(...lengths);
  const { pages, stored, counted } = copierTo(bytesOf(pairs).length - short);
  let last: readonly Pair[] = [];
  const bytes = await pages.encode(pairs, (fitting) => {
    last = fitting;
    return bytesOf(fitting);
  });
  const moved = last.flatMap(({ place }, i) => (place.kind === "pointer" ? [i] : []));
  expect(pairs.every(({ place }) => place.kind === "embedded")).toBe(true);
  expect([...stored.values()].map(({ length }) => length)).toEqual(moved.map((i) => lengths[i]));
  expect(counted).toEqual(moved.map((i) => ({ contents: 1, bytes: lengths[i] })));
  return { moved, bytes };
}

test("a page that has as many bytes as the target takes stays as it is", async () => {
  const { moved, bytes } = await movedOut([300, 200, 100], 0);
  expect([moved, bytes]).toEqual([[], bytesOf(pairsOf(300, 200, 100))]);
});

test.each([
  ["the largest alone", [300, 150, 100], [0]],
  ["what has more than half of the largest", [300, 151, 150], [0, 1]],
  ["none of 64 bytes or fewer, which would not make it smaller", [64, 64, 64], []],
  ["one of 65 bytes, and those that are nearly as large", [65, 33, 32], [0, 1]],
])("of a page that has a byte more, %s is moved out", async (_what, lengths, moved) => {
  expect((await movedOut(lengths)).moved).toEqual(moved);
});

test("contents are moved out until the page fits", async () => {
  // Without the first there are still too many bytes.
  expect((await movedOut([400, 190, 170, 80], 450)).moved).toEqual([0, 1, 2]);
});

test("what is somewhere else, or removed, takes no room and is not moved", async () => {
  const [first, second] = pairsOf(300, 200) as [Pair, Pair];
  const removed: Pair = { ...second, place: { kind: "removed" } };
  const pairs = [removed, first, removed];
  const { pages } = copierTo(bytesOf(pairs).length - 1);
  const kinds: string[][] = [];
  await pages.encode(pairs, (fitting) => {
    kinds.push(fitting.map(({ place }) => place.kind));
    return bytesOf(fitting);
  });
  expect(kinds).toEqual([
    ["removed", "embedded", "removed"],
    ["removed", "pointer", "removed"],
  ]);
});

test("a page that can't be encoded for its size is made smaller; any other failure is told", async () => {
  const pairs = pairsOf(300, 100);
  const { pages, counted } = copierTo(1000);
  for (const refused of [
    new TooLargeError("too large", { operation: "page.encode", limit: 1 }),
    new InvalidInputError("too large", { operation: "head.encode" }),
  ]) {
    const refusals = [refused];
    await pages.encode(pairs, (fitting) => {
      const refusal = refusals.pop();
      if (refusal !== undefined) throw refusal;
      expect(fitting.map(({ place }) => place.kind)).toEqual(["pointer", "embedded"]);
      return bytesOf(fitting);
    });
  }
  const malformed = new MalformedError("nonsense", { operation: "page.encode" });
  const encode = (): never => {
    throw malformed;
  };
  const before = counted.length;
  expect(await failure(pages.encode(pairs, encode))).toBe(malformed);
  expect(counted).toHaveLength(before);
});

test("two forms of an entry are the same if both have the content here, or both at one address", () => {
  const [embedded, other] = pairsOf(3, 4) as [Pair, Pair];
  const at = (pair: Pair): Pair => ({
    ...pair,
    place: { kind: "pointer", address: Address.create(0x55, 0x12, pair.contentHash) },
  });
  const removed: Pair = { ...embedded, place: { kind: "removed" } };
  expect(isSameForm(embedded, embedded)).toBe(true);
  expect(isSameForm(removed, removed)).toBe(true);
  expect(isSameForm(at(embedded), at(embedded))).toBe(true);
  expect(isSameForm(at(embedded), at(other))).toBe(false);
  expect(isSameForm(embedded, at(embedded))).toBe(false);
  expect(isSameForm(at(embedded), embedded)).toBe(false);
  expect(isSameForm(embedded, removed)).toBe(false);
});
