import { type AdapterName, standaloneName, workspaceName } from "@remote-log/create-adapter";
import { expect, test } from "vitest";

test.each([
  ["my-store", "my-store", "my-store", "myStore", "MyStore"],
  ["redis", "redis", "redis", "redis", "Redis"],
  ["@you/remote-log-key-value", "remote-log-key-value", "key-value", "keyValue", "KeyValue"],
  ["remote-log-s3-like", "remote-log-s3-like", "s3-like", "s3Like", "S3Like"],
  ["redis-adapter", "redis-adapter", "redis", "redis", "Redis"],
  ["remote-log-9p", "remote-log-9p", "remote-log-9p", "remoteLog9p", "RemoteLog9p"],
  ["@fs/fs", "fs", "fs", "fs", "Fs"],
])("%s is a package in the folder %s that calls itself %s", (packageName, folder, short, camel, pascal) => {
  expect(standaloneName(packageName)).toEqual({ packageName, folder, short, camel, pascal });
});

test("in the repository the package has the repository's scope", () => {
  const expected: Partial<AdapterName> = { packageName: "@remote-log/my-store", folder: "my-store" };
  expect(workspaceName("my-store")).toMatchObject(expected);
});

test.each([
  "",
  " ",
  "My-Store",
  "my store",
  "my_store",
  "my--store",
  "-store",
  "store-",
  "9p",
  ".",
  "..",
  "../store",
  "a/b",
  "/store",
  "a\\b",
  "@you",
  "@you/",
  "@/store",
  "@You/store",
  "@you/a/b",
  "störe",
  "store\n",
  "fs",
  "http",
  "node_modules",
  `a${"b".repeat(214)}`,
])("no package can be called %j", (name) => {
  expect(() => standaloneName(name)).toThrow(expect.objectContaining({ code: "ERR_INVALID_NAME" }));
});

test.each(["", "@remote-log/store", "../store", "Store", "a/b", "."])(
  "no package of the repository can be called %j",
  (name) => {
    expect(() => workspaceName(name)).toThrow(expect.objectContaining({ code: "ERR_INVALID_NAME" }));
  },
);
