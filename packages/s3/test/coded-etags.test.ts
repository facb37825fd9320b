// What compresses between a service and a client marks ETags: `"abc-gzip"` (Apache, mod_deflate), `"abc;gzip"`, `W/"abc"`. The mark
// comes and goes, and says nothing about the object: polls stay cheap, and compare-and-set still holds.

import { s3Names } from "@remote-log/s3";
import { publicS3Remote } from "@remote-log/s3/public";
import { bytes, type ForwardedReply, failure, runs, type ScriptedServer, sample } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { BUCKET, clientFor, newPrefix, ownServer } from "./clients.ts";

const server = await ownServer();

const MARKS: readonly (readonly [string, (etag: string) => string])[] = [
  ["-gzip", (etag) => etag.replace(/"$/, '-gzip"')],
  [";gzip", (etag) => etag.replace(/"$/, ';gzip"')],
  ["W/", (etag) => `W/${etag}`],
  ["W/ and -gzip", (etag) => `W/${etag.replace(/"$/, '-gzip"')}`],
];

/** Marks the ETags of every second answer to a `GET`, as if some clients took compressed bytes and others did not. */
async function marking(mark: (etag: string) => string): Promise<ScriptedServer> {
  let answers = 0;
  return scriptedServer(
    async ({ method }, forward) => {
      const reply = await forward();
      if (method !== "GET" || answers++ % 2 === 1) return reply;
      return withEtag(reply, mark);
    },
    { target: server.endpoint },
  );
}

function withEtag(reply: ForwardedReply, mark: (etag: string) => string): ForwardedReply {
  const { etag } = reply.headers;
  return etag === undefined ? reply : { ...reply, headers: { ...reply.headers, etag: mark(etag) } };
}

/** Names that are asked through a server in the middle. Requests are signed for the service behind it. */
function namesAt(middle: ScriptedServer) {
  const { client } = clientFor(server);
  const { hostname, port } = new URL(middle.url);
  client.middlewareStack.add(
    (next) => (args) => {
      Object.assign(args.request as object, { hostname, port: Number(port) });
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "throughTheMiddle" },
  );
  return s3Names({ client, bucket: BUCKET, prefix: newPrefix() });
}

test.each(sample("marks", MARKS, 1))(
  "with ETags that get %s at times, a name is polled and changed as ever",
  async (_, mark) => {
    const middle = await marking(mark);
    const names = namesAt(middle);
    let revision = await names.update("log", bytes("one"), { expected: null });
    for (const content of ["two", "three"].slice(-runs(1, 2))) {
      const [marked, plain] = [await names.resolve("log"), await names.resolve("log")];
      expect(marked).toEqual(plain);
      expect(marked).toMatchObject({ status: "found", revision });
      for (let polls = 0; polls < 2; polls++)
        expect(await names.resolve("log", { known: revision })).toEqual({ status: "unchanged", revision });
      const before = middle.requests.length;
      const next = await names.update("log", bytes(content), { expected: revision });
      expect(middle.requests.length - before, "an update stays one request").toBe(1);
      const late = names.update("log", bytes("late"), { expected: revision });
      expect(await failure(late)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
      revision = next;
    }
    expect(await names.resolve("log")).toMatchObject({ content: bytes("three"), revision });
  },
);

test("a poll gets 304 from a service whose ETag was marked on the way", async () => {
  const middle = await marking((etag) => etag.replace(/"$/, '-gzip"'));
  const names = namesAt(middle);
  await names.update("log", bytes("one"), { expected: null });
  const found = await names.resolve("log");
  const statuses: number[] = [];
  middle.become(async (_, forward) => {
    const reply = await forward();
    statuses.push(reply.status);
    return reply;
  });
  if (found.status !== "found") throw new Error("The name is there.");
  await names.resolve("log", { known: found.revision });
  // A revision that an older version of the adapter kept.
  const known = found.revision.replace(/"$/, '-gzip"');
  expect(await names.resolve("log", { known })).toEqual({ status: "unchanged", revision: known });
  expect(statuses).toEqual([304, 304]);
});

test("a service whose own ETags end like that gets them back as they are, and compare-and-set holds", async () => {
  const { client } = clientFor(server);
  // It knows its ETags by these names alone: a condition without the mark does not hold.
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      const match = headers["if-match"];
      if (match !== undefined)
        headers["if-match"] = match.endsWith('-gzip"') ? match.replace("-gzip", "") : '"0"';
      return next(args);
    },
    { step: "build", name: "takeMarked" },
  );
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { headers: Record<string, string> };
      if (headers["etag"] !== undefined) headers["etag"] = headers["etag"].replace(/"$/, '-gzip"');
      return result;
    },
    { step: "deserialize", priority: "low", name: "sendMarked" },
  );
  const names = s3Names({ client, bucket: BUCKET, prefix: newPrefix() });
  const first = await names.update("log", bytes("one"), { expected: null });
  const second = await names.update("log", bytes("two"), { expected: first });
  expect(await names.resolve("log")).toMatchObject({ content: bytes("two"), revision: second });
  const late = names.update("log", bytes("late"), { expected: first });
  expect(await failure(late)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  expect(await names.resolve("log")).toMatchObject({ content: bytes("two") });
});

test("a public bucket behind such a server is polled as ever", async () => {
  const middle = await scriptedServer(({ headers }) =>
    headers["if-none-match"] === '"abc"'
      ? { status: 304 }
      : { headers: { etag: '"abc-gzip"' }, body: "a head" },
  );
  const { names } = publicS3Remote({ url: middle.url });
  expect(await names.resolve("log")).toMatchObject({ content: bytes("a head"), revision: '"abc"' });
  expect(await names.resolve("log", { known: '"abc"' })).toMatchObject({ status: "unchanged" });
  expect(await names.resolve("log", { known: '"abc-gzip"' })).toMatchObject({ status: "unchanged" });
  middle.become({ headers: { etag: '"abc;gzip"' }, body: "a head" });
  expect(await names.resolve("log", { known: '"abc"' })).toMatchObject({ status: "unchanged" });
});
