import { UnreachableError } from "@remote-log/core";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test, vi } from "vitest";
import { RetryNotices } from "../../src/reading/retry-notices.ts";
import type { Invocation } from "../../src/terminal/invocation.ts";
import { Place } from "../rlog.ts";

const error = new UnreachableError("Reading failed: the service is busy.", { operation: "storage.get" });

test("a wait is told with its cause and its length; not the short ones, and of many at once only the first", () => {
  const lines: string[] = [];
  const invocation = { note: async (line: string) => void lines.push(line) } as unknown as Invocation;
  const { hear } = new RetryNotices(invocation);
  const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
  hear({ error, tries: 1, milliseconds: 100 });
  expect(lines).toEqual([]);
  Object.assign(error, { tries: 2 });
  for (let i = 0; i < 100; i++) hear({ error, tries: 2, milliseconds: 1_430 });
  expect(lines).toEqual([
    "rlog: tried 2 times, again in 1.5 s: Reading failed: the service is busy. [ERR_UNREACHABLE]",
  ]);
  now.mockReturnValue(4_000);
  hear({ error, tries: 1, milliseconds: 60_000 });
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain("tried 1 time, again in 60 s");
});

test("rlog tells on standard error that it waits for a busy service, and how often a read was tried in the end", async () => {
  const place = await Place.make();
  place.env = {
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const refusal = { status: 429, headers: { "retry-after": "1" } };
  const server = await scriptedServer(() =>
    server.requests.length <= 1 ? refusal : { status: 404, body: "<Error><Code>NoSuchKey</Code></Error>" },
  );
  const uri = `s3://logs?region=us-east-1&endpoint=${encodeURIComponent(server.url)}`;
  const words = ["read", "0".repeat(64), "--remote", uri, "--no-state"];
  const { code, out, err } = await place.rlog(words);
  expect([code, out]).toEqual([4, ""]);
  const lines = err.trimEnd().split("\n");
  expect(lines[0]).toMatch(
    /^rlog: tried 1 time, again in \d(\.\d)? s: .*\(429\): the service is busy.*\[ERR_UNREACHABLE\]$/,
  );
  expect(lines.at(-1)).toMatch(/\[ERR_NOT_FOUND\]$/);

  server.become({ status: 400, body: "<Error><Code>RequestTimeout</Code></Error>" });
  vi.spyOn(Math, "random").mockReturnValue(0);
  expect((await place.rlog(words)).err).toMatch(/ \(tried 5 times\) \[ERR_TIMEOUT\]\n$/);
});
