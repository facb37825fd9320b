// The clock of this machine beside what a service says in the header `Date`.

import { answer } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { compareClock } from "../../src/doctor/compare-clock.ts";
import { Place } from "../rlog.ts";

const server = await scriptedServer();
const { signal } = new AbortController();
const MINUTE = 60_000;

/** What is found if the clock of a service is so much ahead. */
async function foundAt(milliseconds: number, headers: Record<string, string> = {}) {
  const date = new Date(Date.now() + milliseconds).toUTCString();
  server.become({ ...answer(403, "text/plain"), headers: { date, ...headers } });
  return compareClock({ label: "l", uri: `${server.url}/logs` }, signal);
}

test("clocks that are apart by minutes agree", async () => {
  for (const minutes of [-4, 0, 4]) expect(await foundAt(minutes * MINUTE)).toBeUndefined();
});

test.each([
  [-10 * MINUTE, "ahead of", "10 minutes"],
  [3 * 365 * 24 * 60 * MINUTE, "behind", "1095 days"],
])("clocks that are apart by %i are told, with both times", async (milliseconds, how, length) => {
  // A second more, for the header has whole seconds.
  const found = await foundAt(milliseconds + Math.sign(milliseconds) * 2000);
  expect(found?.code).toBe("clock-differs");
  expect(found?.message).toContain(`${length} ${how} that of ${server.url}`);
  const [here = "", there = ""] = found?.message.match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g) ?? [];
  const apart = Date.parse(there) - Date.parse(here);
  expect(Math.abs(apart - milliseconds)).toBeLessThan(10 * MINUTE);
});

test("a cache, a service without a clock, and one that can't be reached say nothing", async () => {
  expect(await foundAt(9e9, { age: "7" })).toBeUndefined();
  expect(await foundAt(9e9, { date: "soon" })).toBeUndefined();
  expect(await compareClock({ label: "l", uri: "http://127.0.0.1:1/x" }, signal)).toBeUndefined();
  expect(await compareClock({ label: "l", uri: "file:///tmp" }, signal)).toBeUndefined();
  expect(await compareClock({ label: "l", uri: "s3://bucket/p" }, signal)).toBeUndefined();
});

test("rlog doctor tells it for the remotes of a log", async () => {
  const place = await Place.make();
  await foundAt(9e10);
  const { out, code } = await place.rlog(["doctor", "0f".repeat(32), "--remote", `${server.url}/logs`]);
  expect(out).toMatch(/! The clock of this machine says .* \[clock-differs\]/);
  expect(code).toBe(5);
  const asked = server.requests.filter(({ method }) => method === "HEAD");
  expect(asked.at(-1)?.headers).not.toHaveProperty("authorization");
});
