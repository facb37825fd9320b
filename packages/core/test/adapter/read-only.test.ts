// Drivers that can only be read.

import { rawSha256 } from "@remote-log/core";
import { expect, test } from "vitest";
import { defineNames, defineStorage } from "../../src/adapter/index.ts";

const readOnly = "a web server can only be read. To write, use another remote.";

const storage = defineStorage({
  name: "web",
  place: "http://service.example",
  readOnly,
  capabilities: { largestContent: 10, hashTypes: [rawSha256], readYourWrites: false },
  get: async () => undefined,
  has: async () => false,
  translate: (error) => error,
});

const names = defineNames({
  name: "web",
  place: "http://service.example",
  readOnly,
  capabilities: { compareAndSet: "none", largestContent: 10, readYourWrites: false },
  resolve: async () => ({ status: "absent" }),
  translate: (error) => error,
});

const refused = { code: "ERR_UNSUPPORTED", reason: "read-only", retry: "never" };

test("a write is refused, whatever its size, with what to do", async () => {
  for (const size of [1, 11]) {
    const content = new Uint8Array(size);
    await expect(storage.put(content)).rejects.toMatchObject({ ...refused, operation: "storage.put" });
    await expect(names.update("log", content, { expected: null })).rejects.toMatchObject({
      ...refused,
      operation: "names.update",
      message: `Updating the name "log" at http://service.example is not possible: ${readOnly}`,
    });
  }
});

test("it declares neither delete nor list, and is closed like any other", async () => {
  expect(storage.capabilities).toMatchObject({ delete: false, list: false });
  expect(storage).not.toHaveProperty("delete");
  await storage.close();
  await expect(storage.put(new Uint8Array(1))).rejects.toMatchObject({ code: "ERR_CLOSED" });
});
