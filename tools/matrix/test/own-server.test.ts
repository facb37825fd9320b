import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

interface StoredReport {
  readonly results: readonly { readonly id: string; readonly status: string }[];
}

async function statusesOn(server: string): Promise<Record<string, string>> {
  const path = new URL(`../../../docs/compatibility/s3-${server}.json`, import.meta.url);
  const { results } = JSON.parse(await readFile(path, "utf8")) as StoredReport;
  return Object.fromEntries(results.map(({ id, status }) => [id, status]));
}

// CI holds the stored reports against those of its own run, so that this is about the servers as they are.
test("our own S3 server, which proves nothing by itself, gives the same result as MinIO in every case", async () => {
  const own = await statusesOn("own");
  expect(Object.keys(own).length).toBeGreaterThan(200);
  expect(own).toEqual(await statusesOn("minio"));
});
