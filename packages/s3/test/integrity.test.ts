// What a bucket returned in the place of a content: other bytes are told as such, and a page of the network as that.

import { addressOf, rawSha256 } from "@remote-log/core";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { checkIntegrity } from "../src/integrity.ts";

const content = bytes("hello");
const address = await addressOf(content, rawSha256);
const context = { operation: "storage.get", action: "reading a content in s3://bucket" };

test("the bytes of the address pass, and others are ERR_INTEGRITY with what mends it", async () => {
  await checkIntegrity(content, address, context);
  const error = await failure(checkIntegrity(bytes("hullo"), address, context));
  expect(error).toMatchObject({
    code: "ERR_INTEGRITY",
    operation: "storage.get",
    cause: { code: "ERR_INTEGRITY" },
    message: expect.stringMatching(
      /^While reading a content in s3:\/\/bucket, 5 bytes .* Store the content again/,
    ),
  });
});

test("a web page is no content that was damaged: a network answered in the place of the service", async () => {
  const page = bytes("<!DOCTYPE html><html><body>Sign in to this network</body></html>");
  expect(await failure(checkIntegrity(page, address, context))).toMatchObject({ code: "ERR_UNREACHABLE" });
});
