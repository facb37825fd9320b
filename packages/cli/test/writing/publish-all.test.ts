// The progress bar of a publish moves while the publish is under way.

import { join } from "node:path";
import { generateSeed, openWriter } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { ClassicLevel } from "classic-level";
import { expect, test } from "vitest";
import { wrapRemote } from "../../../core/test/writer/wrapped-remote.ts";
import type { Invocation } from "../../src/terminal/invocation.ts";
import { publishAll } from "../../src/writing/publish-all.ts";

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
  await publishAll(invocation as unknown as Invocation, writer, folder);
  await writer.close();
  expect(updates).toContainEqual([100, 200]);
});
