import { Readable } from "node:stream";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { readBody } from "@remote-log/core/adapter";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { bodyOf, bounded } from "../../src/service/bounded.ts";
import { errorXml, scriptedClient } from "./scripted-client.ts";

const KIB = 1024;

const hello = new Uint8Array(bytes("hello"));

const get = () => bounded(new GetObjectCommand({ Bucket: "b", Key: "k" }), "content");
const put = () => bounded(new PutObjectCommand({ Bucket: "b", Key: "k", Body: bytes("x") }), "nothing");
const list = () => bounded(new ListObjectsV2Command({ Bucket: "b" }), "list");

test.each([300, 404, 500])(
  "an error (%d) is read up to 64 KiB; a longer one is known by its status",
  async (status) => {
    const error = (length: number) => ({ status, body: errorXml("Told").padEnd(length) });
    for (const send of [get, put, list]) {
      const read = await failure(scriptedClient(error(64 * KIB)).client.send(send() as never));
      expect(read).toMatchObject({ name: "Told", $metadata: { httpStatusCode: status } });
      const left = await failure(scriptedClient(error(64 * KIB + 1)).client.send(send() as never));
      expect(left).toMatchObject({ $metadata: { httpStatusCode: status } });
      expect(left).not.toMatchObject({ name: "Told" });
    }
  },
);

test("an error that breaks off is known by its status, and by nothing of what came", async () => {
  async function* broken() {
    yield Buffer.from("<Error><Code>Told</Code>");
    throw new Error("cut off");
  }
  const { client } = scriptedClient({ status: 503, body: Readable.from(broken()) });
  const thrown = await failure(client.send(put()));
  expect(thrown).toMatchObject({ $metadata: { httpStatusCode: 503 }, $response: { statusCode: 503 } });
  expect(String(thrown)).not.toMatch(/Told|cut off/);
  expect((thrown as unknown as { $response: { body: unknown } }).$response.body).not.toContain?.("\0");
});

test("the answer to a write is read up to 64 KiB", async () => {
  const answer = (length: number) => scriptedClient({ status: 200, body: new Uint8Array(length).fill(32) });
  await answer(64 * KIB).client.send(put());
  expect(await failure(answer(64 * KIB + 1).client.send(put()))).toMatchObject({
    name: "ServiceFailure",
    code: "AnswerTooLong",
    status: 200,
    text: "",
  });
});

test("a page of a list is read up to 2 MiB", async () => {
  const xml = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
  const answer = (length: number) => scriptedClient({ status: 200, body: xml.padEnd(length) });
  expect(await answer(2 * KIB * KIB).client.send(list())).toMatchObject({ IsTruncated: false });
  const tooLong = failure(answer(2 * KIB * KIB + 1).client.send(list()));
  expect(await tooLong).toMatchObject({ code: "AnswerTooLong", status: 200 });
});

test("the answer to a write that breaks off is no answer that is too long", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield hello;
    throw Object.assign(new Error("cut off"), { code: "ECONNRESET" });
  }
  const { client } = scriptedClient({ status: 200, body: Readable.from(broken()) });
  const thrown = await failure(client.send(put()));
  expect(thrown).toMatchObject({ message: "cut off", code: "ECONNRESET" });
});

test("a content is left for who asked for it, at any length", async () => {
  const { client } = scriptedClient({ status: 200, body: new Uint8Array(64 * KIB + 1) });
  const { Body } = await client.send(get());
  const content = await readBody(bodyOf(Body), { limit: KIB * KIB, operation: "x", what: "x" });
  expect(content.length).toBe(64 * KIB + 1);
});

test("nobody reads of an answer before it is bounded, not even what else the client does last", async () => {
  const { client } = scriptedClient({ status: 500, body: errorXml("Told").padEnd(65 * KIB) });
  let seen: unknown;
  const look = (next: (args: never) => Promise<{ response: unknown }>) => async (args: never) => {
    const result = await next(args);
    seen = (result.response as { body: unknown }).body;
    return result;
  };
  client.middlewareStack.add(look as never, { step: "deserialize", priority: "low", name: "look" });
  await failure(client.send(put()));
  expect(seen).toBeInstanceOf(Uint8Array);
  expect(seen).toHaveLength(0);
});

const webStream = () => new Blob([hello]).stream();

test.each([
  ["bytes", () => hello],
  ["a blob", () => new Blob([hello])],
  ["a stream of Node.js", () => Readable.from([Buffer.from(hello)])],
  ["a stream of the web", webStream],
  [
    "a stream of a browser in which streams can't be iterated",
    () => {
      const stream = webStream();
      return { getReader: () => stream.getReader(), cancel: () => stream.cancel() };
    },
  ],
  ["what the SDK makes of a blob", () => ({ transformToWebStream: webStream })],
])("a body that is %s is read", async (_, body) => {
  const read = await readBody(bodyOf(body()), { limit: 5, operation: "x", what: "x" });
  expect(new Uint8Array(read)).toEqual(hello);
});

test("no body is no bytes", () => {
  expect(bodyOf(undefined)).toEqual({ body: null });
  expect(bodyOf(null)).toEqual({ body: null });
});

test("a runtime without blobs reads streams", () => {
  const { Blob } = globalThis;
  const stream = webStream();
  try {
    Reflect.deleteProperty(globalThis, "Blob");
    expect(bodyOf(stream)).toEqual({ body: stream });
  } finally {
    Object.defineProperty(globalThis, "Blob", { value: Blob, configurable: true, writable: true });
  }
});
