// How a body ends that is read, is given up, or breaks off: once, and whatever it is made of.

import { EventEmitter, getEventListeners } from "node:events";
import { Readable } from "node:stream";
import { tick } from "@remote-log/test-kit";
import { expect, onTestFinished, test, vi } from "vitest";
import { discardBody, readBody } from "../../src/adapter/index.ts";

const options = { limit: 10, operation: "storage.get", what: "the content b…" };

/** A body of pieces that is no stream; `ends` counts how often it was given up. */
function iterable(next: () => IteratorResult<Uint8Array> | Promise<IteratorResult<Uint8Array>>) {
  const end = vi.fn<() => Promise<IteratorResult<Uint8Array>>>(async () => ({
    done: true,
    value: undefined,
  }));
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next: async () => next(), return: end }),
  };
  return { body, ends: () => end.mock.calls.length };
}

/** A stream of the web as browsers have it that can't iterate over one. */
function readable(...pieces: Uint8Array[]) {
  const cancel = vi.fn<() => void>();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
    cancel,
  });
  Object.defineProperty(body, Symbol.asyncIterator, { value: undefined });
  return { body, cancel };
}

test("exactly the limit is taken if the service declares it", async () => {
  const ten = new Uint8Array(10).fill(7);
  expect(await readBody(new Response(ten, { headers: { "content-length": "10" } }), options)).toEqual(ten);
  expect(await readBody({ body: readable(ten).body }, { ...options, declared: 10 })).toEqual(ten);
});

test("a stream that can't be iterated over is read, and given up, all the same", async () => {
  expect(await readBody({ body: readable(Uint8Array.of(1), Uint8Array.of(2)).body }, options)).toEqual(
    Uint8Array.of(1, 2),
  );
  const { body, cancel } = readable(Uint8Array.of(1));
  await discardBody({ body });
  expect(cancel).toHaveBeenCalledOnce();
});

test("pieces that came to their end are not given up as well", async () => {
  const pieces = [Uint8Array.of(1), Uint8Array.of(2)];
  const { body, ends } = iterable(() => {
    const value = pieces.shift();
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  });
  expect(await readBody({ body }, options)).toEqual(Uint8Array.of(1, 2));
  expect(ends()).toBe(0);
});

test("pieces that are too many are given up once, and so are those that nobody begins", async () => {
  const endless = iterable(() => ({ done: false, value: new Uint8Array(4) }));
  await expect(readBody({ body: endless.body }, options)).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
  expect(endless.ends()).toBe(1);
  const unread = iterable(() => expect.unreachable());
  await discardBody({ body: unread.body });
  expect(unread.ends()).toBe(1);
});

test("pieces that break off are given up, with their own failure: at the first as at any other", async () => {
  for (const whole of [0, 1]) {
    const cause = new Error("cut off");
    let given = 0;
    const { body, ends } = iterable(() => {
      if (given++ < whole) return { done: false, value: new Uint8Array(1) };
      throw cause;
    });
    await expect(readBody({ body }, options)).rejects.toBe(cause);
    expect(ends()).toBe(1);
  }
});

test("what an iterator returns at its end is no piece", async () => {
  async function* pieces(): AsyncGenerator<Uint8Array, Uint8Array> {
    yield Uint8Array.of(1);
    return Uint8Array.of(2);
  }
  expect(await readBody({ body: pieces() }, options)).toEqual(Uint8Array.of(1));
});

test("a body that was read leaves no listener on the signal, and is not given up when that fires later", async () => {
  const controller = new AbortController();
  const { body, ends } = iterable(() => ({ done: true, value: undefined }));
  await readBody({ body }, { ...options, signal: controller.signal });
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  controller.abort("late");
  await tick();
  expect(ends()).toBe(0);
});

test.each([
  ["that nobody reads", (body: Readable) => discardBody({ body })],
  [
    "that somebody reads",
    (body: Readable) => readBody({ body }, { ...options, signal: AbortSignal.abort("gave up") }),
  ],
])("a stream of Node.js %s may fail when it is given up, and ends no process", async (_what, act) => {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on("uncaughtException", note);
  onTestFinished(() => void process.off("uncaughtException", note));
  const body = new Readable({
    read: () => undefined,
    destroy: (_error, done) => done(new Error("the connection was cut")),
  });
  await act(body).catch(() => undefined);
  await tick();
  expect([uncaught, body.destroyed]).toEqual([[], true]);
});

test("what has `destroy` and no events is destroyed as it is", async () => {
  const destroy = vi.fn<() => void>();
  const bare = { destroy, [Symbol.asyncIterator]: () => expect.unreachable() };
  await discardBody({ body: bare });
  const events = Object.assign(new EventEmitter(), bare);
  await discardBody({ body: events });
  expect(destroy).toHaveBeenCalledTimes(2);
});
