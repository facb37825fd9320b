// How far a publish is while it uploads: what a progress bar shows.

import { memoryRemote } from "@remote-log/memory";
import { expect, test } from "vitest";
import { openWriter, type RemoteProgress } from "../../src/index.ts";
import { contentsOf } from "./interrupted-publish.ts";
import { text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { wrapRemote } from "./wrapped-remote.ts";

test("uploaded grows entry by entry within a publish, never past what is there, and ends with it", async () => {
  const seen: RemoteProgress[] = [];
  const stored = new Set<number>();
  const remote = wrapRemote(memoryRemote({ label: "one" }), async (call, proceed) => {
    const result = await proceed();
    const number = /^entry (\d+) /.exec(new TextDecoder().decode(call.content))?.[1];
    if (number !== undefined) stored.add(Number(number));
    const [progress] = writer.status().remotes;
    if (call.kind === "put") seen.push(progress!);
    const { uploaded = 0 } = progress!;
    for (let i = 0; i < uploaded; i++) expect(stored.has(i)).toBe(true);
    return result;
  });
  const journal = new PowerCutDatabase();
  const seed = new Uint8Array(32).fill(41);
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal,
    remotes: [remote],
    publish: "manual",
  });
  await writer.appendAll(contentsOf(200, 1100).map(text));
  await writer.publish();
  const values = seen.map(({ uploaded, stored }) => uploaded ?? stored);
  expect(values).toEqual([...values].sort((a, b) => a - b));
  expect(new Set(values).size).toBeGreaterThan(100);
  expect(writer.status().remotes).toMatchObject([
    { label: "one", stored: 200, published: 200, confirmed: 200 },
  ]);
  await writer.close();
});
