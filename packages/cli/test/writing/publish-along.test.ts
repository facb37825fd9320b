// What is published while an input is open, if remotes fail meanwhile.

import { ConflictError, generateSeed, openWriter, UnreachableError, type Writer } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { bytes, until } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Around, wrapRemote } from "../../../core/test/writer/wrapped-remote.ts";
import type { Invocation } from "../../src/terminal/invocation.ts";
import { loadLastPublish } from "../../src/writing/last-publish.ts";
import { PublishAlong } from "../../src/writing/publish-along.ts";

interface Along {
  readonly writer: Writer;
  readonly along: PublishAlong;
  readonly lines: string[];
  readonly fatal: unknown[];
  readonly dir: string;
}

async function begin(around: Around, every: number): Promise<Along> {
  // The waits between the tries of one publish.
  vi.spyOn(Math, "random").mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
  const dir = await temporaryFolder();
  const remotes = [wrapRemote(memoryRemote({ label: "one" }), around)];
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal,
    remotes,
    publish: "manual",
  });
  onTestFinished(() => writer.close());
  const [lines, fatal]: [string[], unknown[]] = [[], []];
  const tell = async (line: string): Promise<void> => void lines.push(line);
  const invocation = { note: tell, warn: tell } as unknown as Invocation;
  const onFatal = (error: unknown): void => void fatal.push(error);
  const along = new PublishAlong(invocation, writer, { dir, every, onFatal, lastMilliseconds: 50 });
  return { writer, along, lines, fatal, dir };
}

test("a remote that fails is told once, tried again each time, and told when it works; status shows it", async () => {
  let down = true;
  let refused = 0;
  const { writer, along, lines, fatal, dir } = await begin((call, proceed) => {
    if (!down) return proceed();
    refused++;
    return Promise.reject(new UnreachableError("No network.", { operation: call.kind, retry: "never" }));
  }, 5);
  await writer.append(bytes("a"));
  await until(() => refused > 3);
  await until(async () => (await loadLastPublish(dir)).get("one")?.error?.code === "ERR_UNREACHABLE");
  await writer.append(bytes("b"));
  down = false;
  await until(() => writer.status().remotes[0]!.confirmed === 2);
  await until(async () => (await loadLastPublish(dir)).get("one")?.error === undefined);
  await along.end();
  await writer.append(bytes("c"));
  expect(lines).toEqual([
    "rlog: No network. [ERR_UNREACHABLE] Appending continues; publishing is tried again every 0.005 s.",
    "rlog: publishing works again; published are 2 entries.",
  ]);
  expect(fatal).toEqual([]);
  expect(await along.endSoon()).toBe(0);
  expect(writer.status().remotes[0]!.published).toBe(3);
});

test("a failure after which nothing may be signed ends the input", async () => {
  const { writer, along, lines, fatal } = await begin(() => {
    throw new ConflictError("Another device wrote.", {
      operation: "writer.publish",
      foreign: new Uint8Array(),
    });
  }, 5);
  await writer.append(bytes("a"));
  await until(() => fatal.length > 0);
  await along.end();
  expect(fatal[0]).toMatchObject({ code: "ERR_CONFLICT" });
  expect(lines).toEqual([]);
});

test("after a signal, a remote that hangs holds nobody up, and what is not published is counted", async () => {
  const { writer, along } = await begin(() => new Promise(() => undefined), 1_000_000);
  await writer.appendAll([bytes("a"), bytes("b")]);
  expect(await along.endSoon()).toBe(2);
});
