// A writer as its user sees it: what each call checks, and what opening and closing mean.

import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test } from "vitest";
import { ClosedError, generateSeed, openWriter, type Writer, type WriterOptions } from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { remoteKey } from "../../src/journal/keys.ts";
import { readCold, text, textOf } from "./log-contents.ts";
import { wrapRemote } from "./wrapped-remote.ts";

/** A device with its journal, and a remote that counts. */
function device(options: Partial<WriterOptions> = {}) {
  const journal = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  const seed = generateSeed();
  const inner = memoryRemote({ label: "one" });
  const calls: string[] = [];
  const remote = wrapRemote(inner, (call, proceed) => {
    calls.push(call.kind);
    return proceed();
  });
  const open = async (more: Partial<WriterOptions> = {}): Promise<Writer> => {
    await journal.open();
    const settings = { visibility: "public" } as const;
    const given = {
      seed,
      journal,
      settings,
      remotes: [remote],
      publish: "manual" as const,
      ...options,
      ...more,
    };
    const writer = await openWriter(given);
    onTestFinished(() => writer.close().catch(() => undefined));
    return writer;
  };
  return { open, inner, calls, journal };
}

test("each call checks its options, says its own name, and does nothing", async () => {
  const { open, calls } = device();
  const writer = await open();
  const wrong = { signal: 1 } as never;
  for (const call of ["publish", "compare", "repair", "recover"] as const) {
    expect(await failure(writer[call](wrong))).toMatchObject({
      code: "ERR_INVALID_INPUT",
      operation: `writer.${call}`,
    });
  }
  const appends = {
    append: writer.append(text("a"), wrong),
    appendAll: writer.appendAll([text("a")], wrong),
  };
  for (const [call, append] of Object.entries(appends)) {
    expect(await failure(append)).toMatchObject({ code: "ERR_INVALID_INPUT", operation: `writer.${call}` });
  }
  expect(await failure(writer.appendAll(text("a") as never))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(await failure(writer.forgetRemote(1 as never))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect([writer.size, calls]).toEqual([0, []]);
  expect(await failure(openWriter({ settings: { visibility: "public" } } as never))).toMatchObject({
    operation: "writer.open",
  });
});

test("an append whose signal has fired appends nothing", async () => {
  const writer = await device().open();
  const controller = new AbortController();
  controller.abort("gave up");
  expect(await failure(writer.append(text("a"), { signal: controller.signal }))).toBe("gave up");
  expect(writer.size).toBe(0);
});

test("what was appended is read back from the journal, from any entry on", async () => {
  const writer = await device().open();
  const receipts = await writer.appendAll(["a", "b", "c"].map(text));
  const read = async (from?: number): Promise<unknown[]> => {
    const entries: unknown[] = [];
    for await (const { sequence, id, content } of writer.entries(from))
      entries.push([sequence, [...id], new TextDecoder().decode(content)]);
    return entries;
  };
  const all = receipts.map(({ sequence, id }, i) => [sequence, [...id], "abc"[i]]);
  expect(await read()).toEqual(all);
  expect(await read(2)).toEqual(all.slice(2));
  expect((await writer.append(text("d"))).sequence).toBe(3);
});

test("a writer publishes by itself, unless it is told not to", async () => {
  const { open, calls, inner } = device();
  const manual = await open();
  await manual.append(text("a"));
  await manual.close();
  expect(calls).toEqual([]);
  // What an earlier run left is begun at once; `publish` is "auto" unless something else is given.
  const { publish: _, ...rest } = { publish: undefined };
  const auto = await open({ ...rest, publish: "auto" });
  await expect.poll(() => auto.status().remotes[0]!.confirmed, { timeout: 60_000 }).toBe(1);
  expect(await readCold(auto.logId, inner)).toEqual(["a"]);
  await auto.close();
  const byDefault = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [inner],
  });
  await (await byDefault.append(text("b"))).published();
  await byDefault.close();
});

test("a writer says which log it writes, and what it has", async () => {
  const { open } = device();
  const writer = await open();
  expect(writer.logId).toBe(writer.genesis.logId);
  expect([writer.size, writer.checkpoint, writer.status()]).toEqual([
    0,
    undefined,
    {
      size: 0,
      remotes: [{ label: "one", stored: 0, published: 0, confirmed: 0, traffic: expect.anything() }],
    },
  ]);
  expect(await failure(writer.append(new Uint8Array(writer.largestContent + 1)))).toMatchObject({
    code: "ERR_TOO_LARGE",
  });
  await writer.append(text("a"));
  await writer.publish();
  expect(writer.checkpoint).toContain("\n1\n");
});

test("publishing the whole log looks for all of it; publishing looks for nothing that is known", async () => {
  const { open, calls } = device();
  const writer = await open();
  await writer.append(new Uint8Array(50_000));
  await writer.publish();
  calls.length = 0;
  await writer.publish();
  await writer.publish({ whole: false });
  expect(calls).not.toContain("has");
  await writer.publish({ whole: true });
  expect(calls).toContain("has");
  const controller = new AbortController();
  controller.abort("gave up");
  expect(await failure(writer.publish({ whole: true, signal: controller.signal }))).toBe("gave up");
});

test("a remote that is in use is not forgotten, and one that is not is", async () => {
  const { open } = device();
  const writer = await open({ remotes: [memoryRemote({ label: "one" }), memoryRemote({ label: "two" })] });
  for (const label of ["one", "two"]) {
    expect(await failure(writer.forgetRemote(label))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
  await writer.forgetRemote("three");
});

test("of a remote that was forgotten the next writer knows nothing", async () => {
  const { open } = device();
  const remotes = [memoryRemote({ label: "two" })];
  const first = await open({ remotes });
  await first.append(text("a"));
  await first.publish();
  await first.close();
  const published = async (): Promise<number> => {
    const writer = await open({ remotes });
    await writer.close();
    return writer.status().remotes[0]!.published;
  };
  expect(await published()).toBe(1);
  const other = await open();
  await other.forgetRemote("two");
  await other.close();
  expect(await published()).toBe(0);
});

test("after it was closed a writer refuses every call, with the same error, and closing again is no harm", async () => {
  const { open, journal, calls } = device();
  const writer = await open();
  const receipt = await writer.append(text("a"));
  const waiting = failure(receipt.published());
  const appending = writer.append(text("b"));
  const closing = writer.close();
  expect(writer.close()).toBe(closing);
  await closing;
  // What was handed to the journal before that is durable.
  expect((await appending).sequence).toBe(1);
  expect(await waiting).toBeInstanceOf(ClosedError);
  expect(journal.status).toBe("closed");
  for (const call of [
    () => writer.append(text("c")),
    () => writer.publish(),
    () => writer.compare(),
    () => writer.repair(),
    () => writer.recover(),
    () => writer.forgetRemote("two"),
  ])
    expect(await failure(call())).toMatchObject({ code: "ERR_CLOSED" });
  expect(calls).toEqual([]);
  const again = await open();
  expect(again.size).toBe(2);
});

test("a writer that goes out of use is closed", async () => {
  const { open, journal } = device();
  {
    await using writer = await open();
    await writer.append(text("a"));
  }
  expect(journal.status).toBe("closed");
});

test("a journal that is not this log's is closed again, and why is told", async () => {
  const { open, journal } = device();
  await (await open()).close();
  expect(await failure(open({ seed: generateSeed() }))).toMatchObject({ operation: expect.any(String) });
  expect(journal.status).toBe("closed");
});

test("a recovery that finds nothing anywhere states that nothing was signed", async () => {
  const stated: unknown[] = [];
  const witness = {
    load: async () => undefined,
    save: async (bytes: Uint8Array) => void stated.push(JSON.parse(textOf(bytes))),
    close: async () => undefined,
  };
  const { open } = device({ witness, forRecovery: true });
  await (await open()).recover();
  expect(stated.at(-1)).toMatchObject({ size: 0, signed: 0, recoveries: 1 });
});

test("a journal that does not say where a remote is opens for a recovery alone, and is whole after it", async () => {
  const { open, journal, inner } = device();
  const first = await open();
  await first.append(text("a"));
  await first.publish();
  await first.close();
  await journal.open();
  const damaged = await Journal.open(journal);
  await damaged.write([{ type: "put", key: remoteKey("one", "state"), value: text("nonsense") }], true);
  await damaged.close();
  expect(await failure(open())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  expect(await failure(open({ forRecovery: false }))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  expect(journal.status).toBe("closed");
  const writer = await open({ forRecovery: true, publish: "auto" });
  for (const call of [
    () => writer.append(text("b")),
    () => writer.publish(),
    () => writer.repair(),
    () => writer.compare(),
    () => writer.setRemotes([]),
    () => writer.remove(0),
    () => writer.rotateSigningKey(generateSeed()),
    () => writer.forgetRemote("two"),
  ])
    expect(await failure(call())).toMatchObject({ code: "ERR_RESTORED" });
  // Nothing was begun in the background that could have failed.
  expect(writer.status().remotes[0]).not.toHaveProperty("error");
  await writer.recover();
  expect((await writer.append(text("b"))).sequence).toBe(1);
  await writer.publish();
  expect(await readCold(writer.logId, inner)).toEqual(["a", "b"]);
});
