// The `fetch` for places of strangers, as programs use it: what arrives, and what is refused.

import type * as dns from "node:dns";
import { guardedFetch } from "@remote-log/cli";
import { InvalidInputError, UnsupportedError } from "@remote-log/core";
import { publicS3RemoteFromUri } from "@remote-log/s3/public";
import { failure } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import { startRecorder } from "./recording.ts";

/** How often a name was looked up: each stands for this machine. */
let looks = 0;
vi.mock(import("node:dns"), async (original) => {
  const real: typeof dns = await original();
  const lookup = (_host: string, _options: unknown, answer: (error: null, found: object[]) => void): void => {
    looks++;
    answer(null, [{ address: "127.0.0.1", family: 4 }]);
  };
  return { ...real, lookup: lookup as unknown as typeof dns.lookup };
});

const machine = await startRecorder("127.0.0.1");
const NOT_PUBLIC = { code: "ERR_DENIED", reason: "not-public", retry: "never" };

afterEach(() => {
  vi.restoreAllMocks();
  looks = 0;
});

test("a place that is not public is refused by its address and by its name, and nothing arrives", async () => {
  const fetch = guardedFetch();
  for (const host of [machine.host, `localhost:${machine.port}`, "[::1]", "169.254.169.254", "10.0.0.1"]) {
    expect(await failure(fetch(`http://${host}/`, {})), host).toMatchObject(NOT_PUBLIC);
  }
  expect(looks).toBe(0);
  const error = await failure(fetch(`http://stranger.example:${machine.port}/`, {}));
  expect(error).toMatchObject({ ...NOT_PUBLIC, message: expect.stringMatching(/Nothing was sent there\.$/) });
  expect([looks, machine.take()]).toEqual([1, []]);
});

test("the error ends with the advice of the program", async () => {
  const fetch = guardedFetch({ advice: (origin) => `Ask for ${origin} in the settings.` });
  const { message } = await failure(fetch("http://10.0.0.1:80/path", {}));
  expect(message).toMatch(/ Ask for http:\/\/10\.0\.0\.1 in the settings\.$/);
});

test("what is allowed is asked wherever it is, only to read", async () => {
  const elsewhere = await startRecorder("127.0.0.1", `http://${machine.host}`);
  const fetch = guardedFetch({ allowed: [`http://${elsewhere.host}`] });
  const reply = await fetch(`http://${elsewhere.host}/a`, {});
  await reply.body?.cancel();
  // The redirect itself is the reply, and what it leads to is asked as little.
  expect([301, 302, 307, 308]).toContain(reply.status);
  expect(await failure(fetch(`http://${elsewhere.host}/b`, { method: "PUT" }))).toBeInstanceOf(TypeError);
  expect([elsewhere.take().map(({ url }) => url), machine.take()]).toEqual([["/a"], []]);
  expect(await failure(fetch(`http://${machine.host}/`, {}))).toMatchObject(NOT_PUBLIC);
});

test("an adapter that has it tells its error as it is", async () => {
  const remote = publicS3RemoteFromUri(`s3://bucket/p?endpoint=http://${machine.host}`, {
    fetch: guardedFetch(),
  });
  expect(await failure(remote.names.resolve("name"))).toMatchObject(NOT_PUBLIC);
  await Promise.all([remote.storage.close?.(), remote.names.close?.()]);
  expect(machine.take()).toEqual([]);
});

test("what is no origin is refused, and not repeated", () => {
  for (const text of ["http://user:secret@host.example", "http://host.example/", "s3://bucket", "secret"]) {
    const make = () => guardedFetch({ allowed: [text] });
    expect(make).toThrow(InvalidInputError);
    expect(make).not.toThrow(/secret/);
  }
});

test("a runtime that does not show where a name leads is refused", () => {
  vi.spyOn(process, "versions", "get").mockReturnValue({ ...process.versions, bun: "1.3.0" });
  expect(() => guardedFetch()).toThrow(UnsupportedError);
});
