import { expect, test } from "vitest";
import { costOf } from "../../src/remotes/list-prices.ts";

const traffic = { reads: 1_000_000, writes: 2_000_000, deletes: 7, bytesRead: 3e9, bytesWritten: 5e9 };

test.each([
  ["s3://bucket/prefix", 0.4 + 10 + 0.27],
  ["s3://bucket/prefix?region=eu-west-1", 0.4 + 10 + 0.27],
  ["s3://bucket?endpoint=https://s3.eu-west-1.amazonaws.com", 0.4 + 10 + 0.27],
  ["s3://bucket?endpoint=https://account.r2.cloudflarestorage.com", 0.36 + 9],
])("requests to %s have a list price", (uri, dollars) => {
  expect(costOf(uri, traffic)!.dollars).toBeCloseTo(dollars, 9);
  expect(costOf(uri, { ...traffic, reads: 0, writes: 0, bytesRead: 0 })!.dollars).toBe(0);
});

test.each([
  "s3://bucket?endpoint=http://127.0.0.1:9000",
  "s3://bucket?endpoint=nonsense",
  "s3://bucket?endpoint=https://amazonaws.com.example.org",
  "ipfs+http://127.0.0.1:5001",
  "file:///folder",
])("requests to %s have none", (uri) => {
  expect(costOf(uri, traffic)).toBeUndefined();
});
