// Sources that fail in ways that may pass: how often they are asked again, and when they are given up.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { addressOf, NotFoundError, rawSha256, TimeoutError, UnreachableError } from "../../src/index.ts";
import { AnySource } from "../../src/mirror/any-source.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const operation = "storage.get";
const silent = new UnreachableError("no answer", { operation, retry: "safe" });
const timeout = new TimeoutError("no answer in time", { operation });
const absent = new NotFoundError("not there", { operation });

const objects = await Promise.all(
  Array.from({ length: 64 }, async (_, i) => {
    const content = Uint8Array.of(i, 1, 2);
    return { content, address: await addressOf(content, rawSha256) };
  }),
);
const contents = new Map(objects.map(({ address, content }) => [`${address}`, content]));

// Every wait ends at once.
beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
});

/** A source that answers its reads, one after the other, as it is told; after them it gives what it has. */
function answering(...answers: (Error | undefined)[]): ScriptedStorage {
  const source = new ScriptedStorage(contents);
  source.before = async () => {
    const answer = answers.shift();
    if (answer !== undefined) throw answer;
    return undefined;
  };
  return source;
}

/** A source that fails always in this way. */
function failing(error: Error): ScriptedStorage {
  const source = answering();
  source.before = () => Promise.reject(error);
  return source;
}

const times = <T>(count: number, what: T): T[] => Array.from({ length: count }, () => what);
const read = (source: AnySource, i: number): Promise<Uint8Array> => source.get(objects[i]!.address);

test("a source that has no answer is asked seven times for an object, and then the last failure is told", async () => {
  const source = failing(silent);
  expect(await failure(read(new AnySource([source]), 0))).toBe(silent);
  expect(source.reads).toHaveLength(7);
  const late = answering(...times(6, silent));
  expect(await read(new AnySource([late]), 0)).toEqual(objects[0]!.content);
});

test("what does not pass is not asked for again", async () => {
  const source = failing(absent);
  await failure(read(new AnySource([source]), 0));
  expect(source.reads).toHaveLength(1);
});

test("whoever can answer at once is asked before one that failed is asked again", async () => {
  const [first, second] = [failing(silent), answering()];
  const any = new AnySource([first, second]);
  for (let i = 0; i < 20; i++) expect(await read(any, i)).toEqual(objects[i]!.content);
  // It held nothing up, so it is not given up.
  expect([first.reads.length, second.reads.length]).toEqual([20, 20]);
});

test("a source that timed out for eight objects in a row is not asked any more, even if another has them", async () => {
  const [first, second] = [failing(timeout), answering()];
  const any = new AnySource([first, second]);
  for (let i = 0; i < 12; i++) await read(any, i);
  expect([first.reads.length, second.reads.length]).toEqual([8, 12]);
});

test.each([
  ["gave an object", undefined],
  ["said that it has none", absent],
])("a source that %s between its timeouts is still asked", async (_what, answer) => {
  const first = answering(...times(7, timeout), answer, ...times(7, timeout), answer, ...times(8, timeout));
  const any = new AnySource([first, answering()]);
  for (let i = 0; i < 30; i++) await read(any, i);
  expect(first.reads).toHaveLength(7 + 1 + 7 + 1 + 8);
});

test.each([
  ["does not answer", silent],
  ["times out", timeout],
])(
  "a source that %s for eight objects is given up, and its last failure stands for it",
  async (_what, error) => {
    const source = failing(error);
    const any = new AnySource([source]);
    const asked: number[] = [];
    for (let i = 0; i < 10; i++) {
      const before = source.reads.length;
      expect(await failure(read(any, i))).toBe(error);
      asked.push(source.reads.length - before);
    }
    // Each object counts once, however often it was asked for.
    expect(asked.map((count) => count > 0)).toEqual([...times(8, true), false, false]);
    expect(asked[0]).toBe(7);
  },
);

test.each([
  ["an absence", absent],
  ["an object", undefined],
])("a source that showed %s when it was asked again is not given up", async (_what, answer) => {
  const source = answering();
  let count = 0;
  source.before = async () => {
    // Seven objects get no answer in seven tries, and the eighth gets one at the second.
    if (++count !== 7 * 7 + 2) throw silent;
    if (answer !== undefined) throw answer;
    return undefined;
  };
  const any = new AnySource([source]);
  for (let i = 0; i < 15; i++) await read(any, i).catch(() => undefined);
  const before = source.reads.length;
  await read(any, 20).catch(() => undefined);
  expect(source.reads.length).toBeGreaterThan(before);
  await read(any, 21).catch(() => undefined);
  expect(source.reads.length).toBe(before + 7);
});

test("what a source answers at last is what counts", async () => {
  const source = answering(silent, absent);
  expect(await failure(read(new AnySource([source]), 0))).toBe(absent);
});

test("a source that fails often, and answers in the end, is asked without end", async () => {
  const source = answering(...objects.slice(0, 45).flatMap(() => [...times(6, silent), undefined]));
  const any = new AnySource([source]);
  for (let i = 0; i < 45; i++) expect(await read(any, i)).toEqual(objects[i]!.content);
});

test("as many reads as run at once have room for all their retries", async () => {
  const failures = new Map<string, number>();
  const source = answering();
  source.before = async (address) => {
    const count = failures.get(`${address}`) ?? 0;
    failures.set(`${address}`, count + 1);
    if (count < 6) throw silent;
    return undefined;
  };
  const any = new AnySource([source]);
  const all = await Promise.all(Array.from({ length: 40 }, (_, i) => read(any, i)));
  expect(all).toEqual(objects.slice(0, 40).map(({ content }) => content));
});

test("an abort is told as such, also after a lie and while something is asked for again", async () => {
  const liar = answering();
  liar.before = async () => new Uint8Array(3);
  for (const tries of [1, 2]) {
    const controller = new AbortController();
    const aborting = answering();
    aborting.before = () => {
      if (aborting.reads.length === tries) controller.abort("gave up");
      return Promise.reject(silent);
    };
    const any = new AnySource([liar, aborting]);
    const reading = any.get(objects[0]!.address, { signal: controller.signal });
    expect(await failure(reading)).toBe("gave up");
  }
});
