// An input that never ends: it is published while it is open, and the log can be looked at meanwhile.

import { parseLink } from "@remote-log/core";
import { until } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

test("a stream that never ends is published as it comes, everything else works beside it, and SIGTERM loses nothing", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  const running = place.start(["append", "--ack", "--publish", "--every", "100ms"]);
  const stdin = running.child.stdin!;
  const published = (): Promise<string> =>
    place.rlog(["read", id, "--remote", uri, "--no-state"]).then(({ out }) => out);

  stdin.write("first\nsecond\nnot a who");
  await running.shows("\n1 ");
  await until(async () => (await published()) === "first\nsecond\n");

  // What is acknowledged is shown at once, published or not: 6 MiB, so that the database moves it from its log to a table.
  const long = (i: number): string => `${i} ${"x".repeat(30_000)}`;
  const more = Array.from({ length: 200 }, (_, i) => long(i));
  stdin.write(`le line\n${more.join("\n")}\n`);
  let size = 2;
  while (size < 203) {
    const acknowledged = 1 + Math.max(...running.printed().match(/^\d+ /gm)!.map(Number));
    const here = (await place.ok(["read"])).out.trimEnd().split("\n");
    expect(here).toEqual(["first", "second", "not a whole line", ...more].slice(0, here.length));
    expect(here.length).toBeGreaterThanOrEqual(acknowledged);
    const told = JSON.parse((await place.ok(["status", "--json"])).out) as {
      readonly size: number;
      readonly remotes: readonly { readonly published: number }[];
    };
    expect(told.size).toBeGreaterThanOrEqual(here.length);
    expect(told.remotes[0]!.published).toBeLessThanOrEqual(told.size);
    size = told.size;
  }
  await until(async () => (await published()).endsWith(`${long(199)}\n`));
  const newest = JSON.parse((await place.ok(["latest", "1", "--json"])).out) as object;
  expect(newest).toEqual({ sequence: 202, id: expect.any(String), content: long(199) });
  await until(async () => parseLink((await place.ok(["link"])).out.trim()).floor?.size === 203);
  expect((await place.ok(["doctor"])).out).toContain("shows the newest state, 203 entries");
  const { err } = await place.rlog(["append", "another", "--wait", "0"]);
  expect(err).toContain(`Process ${running.child.pid} holds the journal`);

  stdin.write("the last one\ncut off here");
  await running.shows("\n203 ");
  running.child.kill("SIGTERM");
  const ended = await running.ended;
  expect(ended.code).toBe(143);
  expect(ended.err).toContain(
    "Appended 204 entries, numbers 0 to 203.\nAll that was appended is published.\n",
  );
  expect((await published()).endsWith("\nthe last one\n")).toBe(true);
});

test("what was published while the input was open counts as published by the command", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  const running = place.start(["append", "--publish", "--every", "50ms"]);
  running.child.stdin!.write("first\n");
  await until(async () => (await place.rlog(["read", id, "--remote", uri, "--no-state"])).out === "first\n");
  running.child.stdin!.end();
  expect((await running.ended).err).toContain("Published 1 entry of log");
});
