import { Readable } from "node:stream";
import { randomBytes, runs, testSeed } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ByteCollector } from "../../src/adapter/byte-collector.ts";
import { type BodyLike, discardBody, readBody } from "../../src/adapter/index.ts";

const options = { limit: 10, operation: "storage.get", what: "the content b…" };

/** A body that comes in pieces, and tells how much of it was taken and whether it was given up. */
function pieces(...lengths: number[]) {
  const taken = { pieces: 0, cancelled: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const length = lengths[taken.pieces++];
        if (length === undefined) controller.close();
        else controller.enqueue(new Uint8Array(length).fill(taken.pieces));
      },
      cancel() {
        taken.cancelled++;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, taken };
}

test("a body is read to its end, in order, whatever pieces it comes in", async () => {
  const { body, taken } = pieces(3, 0, 1, 6);
  const content = await readBody(new Response(body), options);
  expect([...content]).toEqual([1, 1, 1, 3, 4, 4, 4, 4, 4, 4]);
  expect(taken).toEqual({ pieces: 5, cancelled: 0 });
});

test.each([
  ["no body", new Response(null, { status: 204 })],
  ["an empty body", new Response(new Uint8Array(0))],
])("%s is no bytes, also where none are accepted", async (_what, response) => {
  expect(await readBody(response, { ...options, limit: 0 })).toEqual(new Uint8Array(0));
});

test("what is returned has memory of its own, and is no Buffer", async () => {
  const pool = Buffer.from("one two three");
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(pool.subarray(4, 7));
      controller.close();
    },
  });
  const content = await readBody(new Response(body), options);
  pool.fill(0);
  expect(Buffer.isBuffer(content)).toBe(false);
  expect([new TextDecoder().decode(content), content.buffer.byteLength]).toEqual(["two", 3]);
});

test("exactly the limit is taken, and a byte more is refused", async () => {
  expect((await readBody(new Response(pieces(4, 6).body), options)).length).toBe(10);
  await expect(readBody(new Response(pieces(4, 7).body), options)).rejects.toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 10,
    operation: "storage.get",
    message: expect.stringContaining("the content b…"),
  });
});

test("a body without end is given up past the limit: no further piece is asked for", async () => {
  const { body, taken } = pieces(...Array.from({ length: 1000 }, () => 4));
  await expect(readBody(new Response(body), options)).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
  expect(taken).toEqual({ pieces: 3, cancelled: 1 });
});

test("a body that says that it is too long is given up before a byte of it is read", async () => {
  const { body, taken } = pieces(4, 4, 4);
  const response = new Response(body, { headers: { "content-length": "11" } });
  await expect(readBody(response, options)).rejects.toMatchObject({ code: "ERR_TOO_LARGE", limit: 10 });
  expect(taken).toEqual({ pieces: 0, cancelled: 1 });
});

test.each([
  ["counts what was compressed", { "content-length": "11", "content-encoding": "gzip" }],
  ["is no number", { "content-length": "eleven" }],
  ["is negative", { "content-length": "-1" }],
  ["is beyond all numbers", { "content-length": "9".repeat(400) }],
  ["is too small", { "content-length": "1" }],
])("a length that %s decides nothing: the bytes that come are counted", async (_what, headers) => {
  const short = new Response(pieces(4, 4).body, { headers: headers as Record<string, string> });
  expect((await readBody(short, options)).length).toBe(8);
  const long = new Response(pieces(4, 4, 4).body, { headers: headers as Record<string, string> });
  await expect(readBody(long, options)).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
});

test("what the stream fails with is passed on as it is", async () => {
  const failure = new TypeError("terminated");
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(failure);
    },
  });
  await expect(readBody(new Response(body), options)).rejects.toBe(failure);
});

test("a body that nobody reads is given up with its connection, and one that is not there is no error", async () => {
  const { body, taken } = pieces(4, 4);
  await discardBody(new Response(body));
  await discardBody(new Response(null));
  expect(taken).toEqual({ pieces: 0, cancelled: 1 });
});

test("giving up a body that fails, or that somebody reads, is no error", async () => {
  const cancel = vi.fn<() => never>(() => {
    throw new Error("It is busy.");
  });
  await discardBody(new Response(new ReadableStream({ cancel })));
  expect(cancel).toHaveBeenCalledOnce();
  const response = new Response(pieces(4).body);
  const reader = response.body!.getReader();
  await discardBody(response);
  expect((await reader.read()).value).toHaveLength(4);
});

test("a body of pieces, such as a stream of Node.js, is read up to the limit and then ended", async () => {
  const small = { body: Readable.from([Buffer.from([1, 2]), Buffer.from([3])]) };
  expect([...(await readBody(small, options))]).toEqual([1, 2, 3]);
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(4);
    })(),
  );
  await expect(readBody({ body: endless }, options)).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
  expect(endless.destroyed).toBe(true);
  const unread = Readable.from([Buffer.alloc(1)]);
  await discardBody({ body: unread });
  expect(unread.destroyed).toBe(true);
});

test("a body whose length the client declares to be over the limit is not begun, and given up", async () => {
  const { body, taken } = pieces(11);
  const reading = readBody({ body }, { ...options, declared: 11 });
  await expect(reading).rejects.toMatchObject({ code: "ERR_TOO_LARGE", limit: 10 });
  expect(taken).toEqual({ pieces: 0, cancelled: 1 });
});

test("a stream of Node.js that fails because it was given up ends nothing else", async () => {
  const body = new Readable({
    read: () => undefined,
    destroy: (_error, done) => done(new Error("the connection was cut")),
  });
  await discardBody({ body });
  await new Promise((resolve) => setImmediate(resolve));
  expect(body.destroyed).toBe(true);
});

test("a reply of a runtime that has no bodies is empty, as one without a body is", async () => {
  for (const reply of [{ body: null }, {} as BodyLike]) {
    expect(await readBody(reply, options)).toEqual(new Uint8Array(0));
    await discardBody(reply);
  }
});

test("where replies have no stream of their body, it is had whole, and held to the limit", async () => {
  const whole = (length: number, headers?: Headers): BodyLike => ({
    arrayBuffer: async () => new Uint8Array(length).fill(7).buffer,
    ...(headers && { headers }),
  });
  expect(await readBody(whole(10), options)).toEqual(new Uint8Array(10).fill(7));
  await expect(readBody(whole(11), options)).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
  const long = whole(11, new Headers({ "content-length": "11" }));
  const asked = vi.spyOn(long as Required<BodyLike>, "arrayBuffer");
  await expect(readBody(long, options)).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
  expect(asked).not.toHaveBeenCalled();
  const controller = new AbortController();
  const waiting = readBody(
    { arrayBuffer: () => new Promise(() => undefined) },
    { ...options, signal: controller.signal },
  );
  controller.abort(new Error("gave up"));
  await expect(waiting).rejects.toThrow("gave up");
});

test("a body that never continues is given up with its signal, whatever it is made of", async () => {
  const cancel = vi.fn<() => void>();
  const web = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined), cancel });
  const node = new Readable({ read: () => undefined });
  async function* silent(): AsyncGenerator<Uint8Array> {
    await new Promise(() => undefined);
    yield new Uint8Array(1);
  }
  for (const body of [web, node, silent()]) {
    const controller = new AbortController();
    const reading = readBody({ body }, { ...options, signal: controller.signal });
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 1);
    await expect(reading).rejects.toBe(reason);
  }
  expect(cancel).toHaveBeenCalledOnce();
  expect(node.destroyed).toBe(true);
});

test("whatever pieces a body comes in, its bytes are the same", async () => {
  const lengths = fc.array(
    fc.oneof(fc.nat(3), fc.nat(3000), fc.constantFrom(16_383, 16_384, 65_536, 70_000)),
  );
  await fc.assert(
    fc.asyncProperty(lengths, async (given) => {
      const whole = randomBytes(given.reduce((sum, length) => sum + length, 0));
      let at = 0;
      const parts = given.map((length) => {
        at += length;
        return whole.subarray(at - length, at);
      });
      // Half of them own their memory, as those of a socket may.
      const body = Readable.from(parts.map((part, i) => (i % 2 === 0 ? part : part.slice())));
      const content = await readBody({ body }, { ...options, limit: whole.length });
      expect(Buffer.compare(content, whole)).toBe(0);
    }),
    { seed: testSeed, numRuns: runs(50, 500) },
  );
});

test("a body of single bytes needs little more memory than its bytes", async () => {
  const held = new Set<ArrayBufferLike>();
  const collector = new ByteCollector();
  const receive = (): void => {
    // What a socket gives: a view of one byte of a large buffer.
    const piece = new Uint8Array(new ArrayBuffer(65_536), 17, 1);
    held.add(piece.buffer);
    collector.add(piece);
  };
  for (let count = 0; count < 1000; count++) receive();
  const set = vi.spyOn(Uint8Array.prototype, "set");
  collector.bytes();
  // Nothing that is joined in the end is a view of what came.
  const joined = set.mock.calls.map(([part]) => (part as Uint8Array).buffer);
  set.mockRestore();
  expect(joined.length).toBeGreaterThan(0);
  expect(joined.some((buffer) => held.has(buffer))).toBe(false);
  expect(joined.length).toBeLessThan(10);
});
