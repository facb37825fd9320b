// The light client, and remotes by it: what they are made with.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import {
  LightS3Client,
  openS3Remote,
  openS3RemoteFromUri,
  s3Names,
  s3Remote,
  s3RemoteFromUri,
} from "../../src/light/index.ts";
import { credentials, ok, scripted } from "./scripted-light-client.ts";

test.each([
  [{}, "no region"],
  [{ region: 5 }, "LightS3Client"],
  [{ region: "Europe" }, "its region"],
  [{ region: "eu-west-1.attacker.example" }, "its region"],
  [{ region: "eu-west-1/" }, "its region"],
  [{ endpoint: "ftp://s3.example" }, "no http: or https:"],
  [{ endpoint: "s3.example" }, "no http: or https:"],
  [{ endpoint: "https://alice:secret@s3.example" }, "holds credentials"],
  [{ endpoint: "https://alice@s3.example" }, "holds credentials"],
  [{ endpoint: "https://:secret@s3.example" }, "holds credentials"],
  [{ endpoint: "https://s3.example?x" }, "a query or a fragment"],
  [{ region: "eu-west-1", credentials: { accessKeyId: "alice" } }, "secretAccessKey"],
  [{ region: "eu-west-1", credentials: "everybody" }, "credentials"],
  [{ region: "eu-west-1", credentials: undefined }, "credentials"],
])("a client with %j is refused", (options, says) => {
  const making = () => new LightS3Client({ credentials, ...options } as never);
  expect(making).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT", message: expect.stringContaining(says) }),
  );
});

test("that a client has no region is told by a reason of its own", () => {
  expect(() => new LightS3Client({ credentials })).toThrow(expect.objectContaining({ reason: "no-region" }));
});

/** Does something on a runtime that lacks a global value. */
function without(name: "crypto" | "fetch", work: () => unknown): unknown {
  const own = Object.getOwnPropertyDescriptor(globalThis, name)!;
  Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: undefined });
  try {
    return work();
  } finally {
    Object.defineProperty(globalThis, name, own);
  }
}

test("a runtime that lacks what is needed is told so when something is made, not at the first request", () => {
  const { client } = scripted({}, ok);
  const lacks = (name: string) =>
    expect.objectContaining({
      code: "ERR_UNSUPPORTED",
      operation: "s3.open",
      message: expect.stringContaining(name),
    });
  const make = () => new LightS3Client({ credentials, region: "eu-west-1" });
  expect(() => without("fetch", make)).toThrow(lacks("fetch"));
  const names = () => s3Names({ client, bucket: "bucket" });
  expect(() => without("crypto", names)).toThrow(lacks("crypto.getRandomValues"));
});

test("a remote from a URI has the place of the URI, and takes credentials", async () => {
  const uri = "s3://my-bucket/logs?endpoint=https://minio.example.com:9000";
  const remote = s3RemoteFromUri(uri, { credentials });
  expect(remote.label).toBe("s3://my-bucket/logs");
  expect(remote.names.capabilities.compareAndSet).toBe("atomic");
  const opened = await openS3RemoteFromUri(uri, { credentials, label: "attic" });
  expect([opened.label, opened.names.capabilities.compareAndSet]).toEqual(["attic", "probed"]);
  const none = await openS3RemoteFromUri(`${uri}&compare-and-set=none`, { credentials: "anonymous" });
  expect(none.names.capabilities.compareAndSet).toBe("none");
  expect(() => s3RemoteFromUri("s3://my-bucket", { credentials })).toThrow(/region/);
  const aborted = AbortSignal.abort("gave up");
  expect(await failure(openS3RemoteFromUri(uri, { credentials, signal: aborted }))).toBe("gave up");
  const { client } = scripted({}, ok);
  expect(await failure(openS3Remote({ client, bucket: "bucket", signal: aborted }))).toBe("gave up");
  // What can't be used is told first.
  const wrong = openS3Remote({ client, bucket: "", signal: aborted });
  expect(await failure(wrong)).toMatchObject({ code: "ERR_INVALID_INPUT" });
  const writers = await openS3Remote({ client, bucket: "bucket" });
  expect(writers.names.capabilities.compareAndSet).toBe("probed");
});

test("a URI that is none, and credentials that can't be any, are refused with what is expected", async () => {
  const sound = "s3://my-bucket/logs?region=eu-west-1";
  for (const open of [s3RemoteFromUri, openS3RemoteFromUri]) {
    const make = async (uri: unknown, options: unknown) =>
      open(uri as string, options as { readonly credentials: "anonymous" });
    expect(await failure(make(5, { credentials }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
      message: expect.stringContaining("s3://my-bucket/logs"),
    });
    for (const wrong of [{}, { credentials: "everybody" }]) {
      expect(await failure(make(sound, wrong))).toMatchObject({
        code: "ERR_INVALID_INPUT",
        message: expect.stringContaining("a remote in S3"),
      });
      expect((await failure(make(sound, wrong))).message).toContain("accessKeyId");
    }
  }
});

test("another client than its own is refused", () => {
  const client = { send: () => Promise.resolve() } as never;
  expect(() => s3Remote({ client, bucket: "bucket" })).toThrow(/LightS3Client/);
});
