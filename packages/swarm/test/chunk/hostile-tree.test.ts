import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Chunk, contentChunk } from "../../src/chunk/content-chunk.ts";
import { readTree, walkTree } from "../../src/chunk/read-tree.ts";
import { rootAddress, splitContent } from "../../src/chunk/tree.ts";
import { visitAll } from "../../src/chunk/visit-all.ts";
import { ChunkMap, Missing, randomContent } from "./chunk-map.ts";
import { hex } from "./chunks-of-bee-js.ts";

const FULL = 4096;
const MIB = 1 << 20;
const forged = { code: "ERR_INTEGRITY", operation: "storage.get", retry: "never" };

/** A leaf with random bytes, whatever it says of its length. */
function leaf(length: number, span: number = length): Chunk {
  return contentChunk(randomContent(length), BigInt(span));
}

/** An inner chunk above others, whatever it says of its span. */
function above(children: readonly Chunk[], span: bigint): Chunk {
  const payload = new Uint8Array(children.length * 32);
  for (const [at, child] of children.entries()) payload.set(child.address, at * 32);
  return contentChunk(payload, span);
}

/** A storage with chunks that a hostile writer made: each has the address that it should have. */
function made(root: Chunk, ...rest: readonly Chunk[]): ChunkMap {
  return new ChunkMap({ root, levels: [rest, [root]] });
}

function zeros(chunk: Chunk, count: number): Uint8Array {
  const data = new Uint8Array(chunk.data.length + count);
  data.set(chunk.data);
  return data;
}

// What the writer of a content made otherwise than a content is made: every chunk has its own address.

test.each([
  ["children the other way round, the short one first", [100, FULL], 4196],
  ["a child too many", [FULL, FULL, 5], 2 * FULL],
  ["a child too few", [FULL, FULL], 2 * FULL + 5],
  ["leaves that are not full", [2000, 2000, 2000], 6000],
  ["a child shorter than the span of the root says", [FULL, 9], FULL + 10],
  ["a child longer than the span of the root says", [FULL, 11], FULL + 10],
] as const)("a tree with %s is refused", async (_, lengths, span) => {
  const leaves = lengths.map((length) => leaf(length));
  const chunks = made(above(leaves, BigInt(span)), ...leaves);
  await expect(readTree({ ...chunks.tree, maxBytes: MIB })).rejects.toMatchObject(forged);
  await expect(walkTree({ ...chunks.tree, maxBytes: MIB })).rejects.toMatchObject(forged);
});

test("a lone last chunk that was not moved up, but has a chunk above it alone, is not taken for one", async () => {
  const content = randomContent(129 * FULL);
  const [leaves, [full]] = splitContent(content).levels as [Chunk[], Chunk[]];
  const alone = above(leaves.slice(128), BigInt(FULL));
  const good = above([full!, leaves[128]!], BigInt(content.length));
  const lone = above([full!, alone], BigInt(content.length));
  expect(hex(good.address)).toBe(hex(rootAddress(content)));
  const read = await readTree({ ...made(good, full!, ...leaves).tree, maxBytes: MIB });
  expect(Buffer.compare(read, content)).toBe(0);
  // Read as what stands there: a leaf, with a reference and zeros. It is another content, with another address.
  const other = await readTree({ ...made(lone, full!, alone, ...leaves).tree, maxBytes: MIB });
  expect(hex(rootAddress(other))).toBe(hex(lone.address));
  expect(hex(other.subarray(128 * FULL, 128 * FULL + 32))).toBe(hex(leaves[128]!.address));
});

test("a tree that is deeper than its length needs is not followed down", async () => {
  // Each chunk claims the same span as the one below it: followed down, they would continue for ever.
  let chain = leaf(50);
  const all = [chain];
  for (let level = 0; level < 50; level++) {
    chain = above([chain, leaf(1)], BigInt(FULL + 1));
    all.push(chain);
  }
  const chunks = made(chain, ...all);
  await expect(readTree({ ...chunks.tree, maxBytes: MIB })).rejects.toMatchObject(forged);
  expect(chunks.reads).toBe(2);
});

test("a leaf with more in it than its span says is refused", async () => {
  for (const root of [leaf(40, 39), leaf(FULL, 0), leaf(33, 32)]) {
    await expect(readTree({ ...made(root).tree, maxBytes: MIB })).rejects.toMatchObject(forged);
  }
});

test("a chunk that lacks references, or has one of zeros, is refused before anything is read", async () => {
  const leaves = [leaf(FULL), leaf(FULL), leaf(FULL)];
  const short = above(leaves.slice(0, 2), BigInt(3 * FULL));
  const hole = above(
    [leaves[0]!, { ...leaves[1]!, address: new Uint8Array(32) }, leaves[2]!],
    BigInt(3 * FULL),
  );
  for (const root of [short, hole]) {
    const chunks = made(root, ...leaves);
    await expect(readTree({ ...chunks.tree, maxBytes: MIB })).rejects.toMatchObject(forged);
    expect(chunks.reads).toBe(0);
  }
});

test.each([
  ["one byte more than is taken", BigInt(MIB) + 1n],
  ["2^53", 2n ** 53n],
  ["the most that it can say without redundancy", 2n ** 63n - 1n],
])("a root that claims %s is refused as too large, and nothing is read", async (_, span) => {
  const chunks = made(above([leaf(FULL), leaf(FULL)], span));
  await expect(readTree({ ...chunks.tree, maxBytes: MIB })).rejects.toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: MIB,
  });
  expect(chunks.reads).toBe(0);
});

test("a root with redundancy, as Bee makes it by default, is refused, and the message says so", async () => {
  // MEDIUM, in the highest byte of the span.
  const chunks = made(above([leaf(FULL), leaf(10)], (0x81n << 56n) | BigInt(FULL + 10)));
  const error = { ...forged, message: expect.stringContaining("redundancy") };
  await expect(readTree({ ...chunks.tree, maxBytes: MIB })).rejects.toMatchObject(error);
});

test("whatever a hostile writer makes, it is refused, or is just the content of that address", async () => {
  const lengths = [0, 1, 32, 64, 100, FULL - 1, FULL];
  const spans = [
    ...lengths,
    FULL + 1,
    FULL + 100,
    2 * FULL,
    3 * FULL,
    128 * FULL,
    128 * FULL + 1,
    129 * FULL,
  ];
  const leaves = fc
    .tuple(fc.constantFrom(...lengths), fc.constantFrom(...spans))
    .map(([length, span]) => leaf(length, span));
  const { chunk: chunks } = fc.letrec<{ chunk: readonly Chunk[] }>((tie) => ({
    chunk: fc.oneof(
      { maxDepth: 3 },
      leaves.map((one) => [one]),
      fc
        .tuple(
          fc.array(tie("chunk"), { minLength: 1, maxLength: 4 }),
          fc.constantFrom(...spans),
          fc.boolean(),
        )
        .map(([children, span, honest]) => {
          const roots = children.map((all) => all[0]!);
          const sum = roots.reduce(
            (total, { data }) => total + new DataView(data.buffer).getBigUint64(0, true),
            0n,
          );
          return [above(roots, honest ? sum : BigInt(span)), ...children.flat()];
        }),
    ),
  }));
  const outcomes = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(chunks, async ([root, ...rest]) => {
      const storage = made(root!, ...rest);
      try {
        const content = await readTree({ ...storage.tree, maxBytes: 129 * FULL });
        expect(hex(rootAddress(content))).toBe(hex(root!.address));
        outcomes.read++;
      } catch (error) {
        if (!(error instanceof Missing))
          expect((error as { code?: unknown }).code).toMatch(/^ERR_(INTEGRITY|TOO_LARGE)$/);
        outcomes.refused++;
      }
      expect(storage.reads).toBeLessThanOrEqual(130);
    }),
    { numRuns: 300 },
  );
  expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(20);
});

// What a node makes of a good content: it can answer with anything.

test.each([
  ["the root again, for ever", (root: Chunk): Uint8Array => root.data],
  ["nothing", (): Uint8Array => new Uint8Array(0)],
  ["less than a span", (): Uint8Array => new Uint8Array(7)],
  ["more than a chunk", (): Uint8Array => new Uint8Array(5000)],
  ["another chunk", (): Uint8Array => leaf(FULL).data],
  ["the bytes of the content, without a span", (): Uint8Array => new Uint8Array(FULL)],
])("a node that answers with %s is found out at the first chunk", async (_, answer) => {
  const content = randomContent(3 * FULL);
  const chunks = new ChunkMap(splitContent(content));
  const { root } = splitContent(content);
  let answers = 0;
  const read = async (): Promise<Uint8Array> => {
    answers++;
    return answer(root);
  };
  const options = { ...chunks.tree, read, maxBytes: MIB, readsAtOnce: 1, operation: "names.resolve" };
  await expect(readTree(options)).rejects.toMatchObject({ ...forged, operation: "names.resolve" });
  expect(answers).toBe(1);
});

test.each([new Uint8Array(0), new Uint8Array(7), new Uint8Array(4105)])(
  "a root of $length bytes is refused",
  async (root) => {
    const { read } = new ChunkMap(splitContent(new Uint8Array(0))).tree;
    await expect(readTree({ root, read, maxBytes: MIB })).rejects.toMatchObject(forged);
  },
);

test("whichever chunk a node changes, the content is refused; zeros at the ends of payloads it may add and leave out", async () => {
  const size = 130 * FULL + 500;
  const content = randomContent(size);
  content.fill(0, size - 200);
  const tree = splitContent(content);
  const all = tree.levels.flat().slice(0, -1);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(all.length - 1),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (which, at, change) => {
        const chunks = new ChunkMap(tree);
        const { address, data } = all[which]!;
        const bad = Uint8Array.from(data);
        bad[at % bad.length]! ^= change;
        chunks.put(address, bad);
        await expect(readTree({ ...chunks.tree, maxBytes: MIB })).rejects.toMatchObject(forged);
      },
    ),
    { numRuns: 10 },
  );
  const last = tree.levels[0]!.at(-1)!;
  const others = [
    zeros(last, 1),
    zeros(last, FULL - 500),
    last.data.subarray(0, 8 + 300),
    last.data.subarray(0, 8 + 301),
  ];
  for (const other of others) {
    const chunks = new ChunkMap(tree);
    chunks.put(last.address, other);
    expect(Buffer.compare(await readTree({ ...chunks.tree, maxBytes: MIB }), content)).toBe(0);
  }
  const inner = tree.levels[1]!.at(-1)!;
  const chunks = new ChunkMap(tree);
  chunks.put(inner.address, zeros(inner, 64));
  expect(Buffer.compare(await readTree({ ...chunks.tree, maxBytes: MIB }), content)).toBe(0);
});

// How reading ends.

test("what a read fails with is what the reading fails with, and the reads beside it are ended", async () => {
  const chunks = new ChunkMap(splitContent(randomContent(10 * FULL)));
  const ended: unknown[] = [];
  const failure = new Error("this chunk can't be had");
  let begun = 0;
  const read = (_: Uint8Array, signal: AbortSignal): Promise<Uint8Array> => {
    begun++;
    if (begun === 3) return Promise.reject(failure);
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        ended.push(signal.reason);
        reject(signal.reason);
      });
    });
  };
  await expect(readTree({ ...chunks.tree, read, maxBytes: MIB, readsAtOnce: 4 })).rejects.toBe(failure);
  expect([begun, ended]).toEqual([4, [failure, failure, failure]]);
});

test("a signal ends the reading with its reason, also where a read makes nothing of it", async () => {
  const chunks = new ChunkMap(splitContent(randomContent(10 * FULL)));
  const stop = new AbortController();
  const signals: AbortSignal[] = [];
  const read = (_: Uint8Array, signal: AbortSignal): Promise<Uint8Array> => {
    signals.push(signal);
    if (signals.length === 3) setImmediate(() => stop.abort("enough"));
    return new Promise(() => undefined);
  };
  const options = { ...chunks.tree, read, maxBytes: MIB, readsAtOnce: 3, signal: stop.signal };
  await expect(readTree(options)).rejects.toBe("enough");
  expect(signals.map(({ aborted, reason }) => [aborted, reason])).toEqual(Array(3).fill([true, "enough"]));
  // Fired before: no read at all, not even of a content of one chunk.
  await expect(readTree(options)).rejects.toBe("enough");
  await expect(readTree({ ...options, root: leaf(5).data })).rejects.toBe("enough");
  expect(signals).toHaveLength(3);
});

test("after a failure no further read begins, whenever those under way end", async () => {
  const chunks = new ChunkMap(splitContent(randomContent(100 * FULL)));
  const answers: ((data: Uint8Array) => void)[] = [];
  let begun = 0;
  const read = (address: Uint8Array, signal: AbortSignal): Promise<Uint8Array> => {
    begun++;
    if (begun === 1) return Promise.reject(new Missing());
    return new Promise((resolve, reject) => {
      answers.push(() => void chunks.tree.read(address, signal).then(resolve, reject));
    });
  };
  await expect(readTree({ ...chunks.tree, read, maxBytes: MIB, readsAtOnce: 5 })).rejects.toThrow(Missing);
  for (const answer of answers) answer(new Uint8Array(0));
  await expect.poll(() => chunks.reads).toBe(4);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(begun).toBe(5);
});

test("after a signal has fired no further read begins, also where those under way still end well", async () => {
  const chunks = new ChunkMap(splitContent(randomContent(100 * FULL)));
  const stop = new AbortController();
  let begun = 0;
  const read = async (address: Uint8Array, signal: AbortSignal): Promise<Uint8Array> => {
    begun++;
    const data = await chunks.tree.read(address, signal);
    stop.abort("enough");
    return data;
  };
  const options = { ...chunks.tree, read, maxBytes: MIB, readsAtOnce: 5, signal: stop.signal };
  await expect(readTree(options)).rejects.toBe("enough");
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(begun).toBe(5);
});

test("where one of several visits fails, nothing that waits is begun, and what the others lead to neither", async () => {
  const begun: number[] = [];
  const visit = async (thing: number): Promise<number[]> => {
    begun.push(thing);
    if (thing === 2) throw new Missing();
    return [thing + 10];
  };
  await expect(visitAll([1, 2, 3, 4, 5, 6], 3, visit)).rejects.toThrow(Missing);
  await new Promise((resolve) => setImmediate(resolve));
  // The first had ended before, and what was found last comes first.
  expect(begun).toEqual([1, 2, 3, 11]);
});

test("what was found last is visited first, so that little waits: no more than the branches on the way down", async () => {
  let waiting = 0;
  let most = 0;
  const visit = async (depth: number): Promise<number[]> => {
    waiting--;
    const found = depth === 3 ? [] : Array<number>(10).fill(depth + 1);
    waiting += found.length;
    most = Math.max(most, waiting);
    return found;
  };
  waiting = 10;
  await visitAll(Array<number>(10).fill(0), 1, visit);
  expect(most).toBeLessThanOrEqual(4 * 10);
});
