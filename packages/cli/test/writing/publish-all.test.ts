// The progress bar of a publish moves while the publish is under way.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { generateSeed, openWriter } from "@remote-log/core";
import { fsRemote } from "@remote-log/fs";
import { memoryRemote } from "@remote-log/memory";
import { until } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { ClassicLevel } from "classic-level";
import { expect, test } from "vitest";
import { wrapRemote } from "../../../core/test/writer/wrapped-remote.ts";
import { Counts } from "../../src/remotes/counting.ts";
import { registerScheme } from "../../src/remotes/registry.ts";
import type { OpenRemote } from "../../src/remotes/remote-kind.ts";
import type { Invocation } from "../../src/terminal/invocation.ts";
import { publishAll } from "../../src/writing/publish-all.ts";
import { Place } from "../rlog.ts";

/** Entries that are too long to be embedded, so that each is an object of its own. */
function lines(count: number): string {
  return Array.from({ length: count }, () => `${randomBytes(550).toString("hex")}\n`).join("");
}

test("what is shown on a terminal moves while a long publish is under way; without a terminal there is nothing", async () => {
  const place = await Place.make();
  let puts = 0;
  // While a command runs in this process, its standard error can be read.
  const shown = (text = (process.stderr as unknown as { readonly text: string }).text): number[] => {
    const bars = text.matchAll(/publish \[#*-*\] \d+% (\d+)\/150 entries, \d+ objects?, \d+ kB sent/g);
    return [...bars].map(([, entries]) => Number(entries));
  };
  const slow: OpenRemote = (uri, label) => {
    const remote = fsRemote({ root: place.path(uri.slice("slow:".length)), label, sync: false });
    return wrapRemote(remote, async (call, proceed) => {
      // Two of the uploads wait for the bar: one until it was shown, and the other until it has moved.
      if (call.kind === "put" && ++puts % 60 === 0) {
        const times = puts / 60;
        await until(() => new Set(shown()).size >= times, { what: "the bar to move" });
      }
      return proceed();
    });
  };
  registerScheme("slow", slow);
  await place.ok(["init", "--public", "--remote", "slow:remote"]);
  await place.ok(["append"], lines(150));
  place.terminal = true;
  const entries = shown((await place.ok(["publish"])).err);
  expect(new Set(entries).size).toBeGreaterThan(1);
  expect(puts).toBeGreaterThan(120);
  expect(entries).toEqual([...entries].sort((a, b) => a - b));
  place.terminal = false;
  puts = -1_000;
  await place.ok(["append"], lines(30));
  expect((await place.ok(["publish"])).err).toMatch(/^Published 180 entries of log [0-9a-f]{64}\.\n$/);
});

test("the bar shows entries whose contents are uploaded, before any page is", async () => {
  const updates: (readonly [number, number])[] = [];
  let shown: () => void = () => undefined;
  const remote = wrapRemote(memoryRemote({ label: "one" }), async (call, proceed) => {
    // In the middle of the contents, the next look of the bar is waited for.
    const isMiddle = call.kind === "put" && new TextDecoder().decode(call.content).startsWith("entry 100 ");
    if (isMiddle) await new Promise<void>((resume) => (shown = resume));
    return proceed();
  });
  const folder = await temporaryFolder();
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal: new ClassicLevel<Uint8Array, Uint8Array>(join(folder, "journal")),
    remotes: [remote],
    publish: "manual",
  });
  const contents = Array.from({ length: 200 }, (_, i) => `entry ${i} `.padEnd(1100, "x"));
  await writer.appendAll(contents.map((content) => new TextEncoder().encode(content)));
  const bar = {
    update: (done: number, total: number) => {
      updates.push([done, total]);
      if (done === 100) shown();
    },
  };
  const invocation = {
    signal: new AbortController().signal,
    withProgress: (_label: string, task: (given: typeof bar) => Promise<void>) => task(bar),
    note: async () => undefined,
  };
  const counts = new Counts();
  await publishAll(invocation as unknown as Invocation, writer, { dir: folder, counts });
  await writer.close();
  expect(updates).toContainEqual([100, 200]);
});
