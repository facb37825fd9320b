import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import {
  encodeMvdsMessage,
  generateSeed,
  openWriter,
  type Writer,
  type WriterOptions,
} from "../../src/index.ts";
import { text, textOf } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const seed = generateSeed();

async function open(journal: PowerCutDatabase, options: Partial<WriterOptions> = {}): Promise<Writer> {
  return openWriter({ settings: { visibility: "public" }, seed, journal, ...options });
}

async function contentsOf(writer: Writer): Promise<string[]> {
  const contents: string[] = [];
  for await (const { sequence, content } of writer.entries()) {
    expect(sequence).toBe(contents.length);
    contents.push(textOf(content));
  }
  return contents;
}

/** Holds every write back until `release` is called. */
function hold(journal: PowerCutDatabase): { release: () => void; asked: Promise<void> } {
  let release: () => void = () => undefined;
  let ask: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  journal.onWrite = () => {
    ask();
    return released;
  };
  return { release, asked };
}

test("append resolves only once the entry is durable", async () => {
  const journal = new PowerCutDatabase();
  const writer = await open(journal);
  const { release, asked } = hold(journal);
  let resolved = false;
  const append = writer.append(text("one")).then(() => {
    resolved = true;
  });
  await asked;
  await new Promise((next) => setTimeout(next, 20));
  expect(resolved).toBe(false);
  expect(writer.size).toBe(0);
  release();
  await append;
  const after = await open(new PowerCutDatabase(journal.afterPowerCut(0)));
  expect(await contentsOf(after)).toEqual(["one"]);
});

test("100 appends in flight share few durable writes, and are in the order of the calls", async () => {
  const journal = new PowerCutDatabase();
  const writer = await open(journal);
  const before = journal.writes.length;
  const receipts = await Promise.all(
    Array.from({ length: 100 }, (_, i) => writer.append(text(`entry ${i}`))),
  );
  expect(receipts.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(journal.writes.length - before).toBeLessThanOrEqual(2);
  expect(journal.writes.slice(before).every(({ sync }) => sync)).toBe(true);
  expect(await contentsOf(writer)).toEqual(Array.from({ length: 100 }, (_, i) => `entry ${i}`));
});

test("appends that come while a write is under way travel together in the next one", async () => {
  const journal = new PowerCutDatabase();
  const writer = await open(journal);
  const { release, asked } = hold(journal);
  const appends = [writer.append(text("0"))];
  await asked;
  for (let i = 1; i <= 50; i++) appends.push(writer.append(text(String(i))));
  const before = journal.writes.length;
  release();
  await Promise.all(appends);
  expect(journal.writes.length - before).toBe(2);
});

test("appendAll writes all of its entries side by side in one batch, between those of others", async () => {
  const journal = new PowerCutDatabase();
  const writer = await open(journal);
  await Promise.all([
    writer.append(text("a")),
    writer.appendAll([text("b"), text("c"), text("d")]),
    writer.append(text("e")),
  ]);
  expect(await contentsOf(writer)).toEqual(["a", "b", "c", "d", "e"]);
  expect(await writer.appendAll([])).toEqual([]);
  expect(writer.size).toBe(5);
});

test("appendAll of which one content is too large appends none", async () => {
  const journal = new PowerCutDatabase();
  const writer = await open(journal, { largestContent: 10 });
  const error = await failure(writer.appendAll([text("a"), new Uint8Array(11), text("b")]));
  expect(error).toMatchObject({ code: "ERR_TOO_LARGE", limit: 10 });
  const receipt = await writer.append(new Uint8Array(10));
  expect(receipt.sequence).toBe(0);
  expect(writer.size).toBe(1);
});

test.each([
  ["Uint8Array", (): Uint8Array => text("kept")],
  ["Buffer", (): Uint8Array => Buffer.from("kept")],
])("the caller's %s may be used again at once", async (_, make) => {
  const journal = new PowerCutDatabase();
  const writer = await open(journal);
  const content = make();
  const append = writer.append(content);
  content.fill(0);
  await append;
  expect(await contentsOf(writer)).toEqual(["kept"]);
});

test("an empty content is an entry like any other", async () => {
  const journal = new PowerCutDatabase();
  const writer = await open(journal);
  await writer.appendAll([text(""), text("a"), text("")]);
  expect(await contentsOf(await open(new PowerCutDatabase(journal.afterPowerCut())))).toEqual(["", "a", ""]);
});

test("what is no Uint8Array is refused, and consumes no sequence number", async () => {
  const writer = await open(new PowerCutDatabase());
  expect(await failure(writer.append("text" as never))).toBeInstanceOf(TypeError);
  expect((await writer.append(text("a"))).sequence).toBe(0);
});

test("a log of MVDS messages refuses anything else, and its neighbours in the same write are unharmed", async () => {
  const journal = new PowerCutDatabase();
  const writer = await open(journal, { settings: { visibility: "public", identifiers: "mvds" } });
  const message = (body: string): Uint8Array => {
    const groupId = new Uint8Array(32);
    return encodeMvdsMessage({ groupId, timestamp: 1n, body: text(body), parents: [], ephemeral: false });
  };
  const results = await Promise.allSettled([
    writer.append(message("a")),
    writer.append(text("no message")),
    writer.appendAll([message("b"), text("no message either")]),
    writer.append(message("c")),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ code: "ERR_MALFORMED" });
  expect(writer.size).toBe(2);
  const reopened = await open(new PowerCutDatabase(journal.afterPowerCut()));
  expect(reopened.size).toBe(2);
});

test.each(["before the write took effect", "after it did"])(
  "a journal write that fails %s rejects, and nothing is appended until the writer is opened anew",
  async (when) => {
    const journal = new PowerCutDatabase();
    const writer = await open(journal);
    await writer.append(text("acknowledged"));
    const full = new Error("No space left on device");
    if (when === "after it did") {
      const batch = journal.batch.bind(journal);
      journal.batch = async (operations, options) => {
        await batch(operations, options);
        throw full;
      };
    } else {
      journal.onWrite = () => {
        throw full;
      };
    }
    const failed = await Promise.allSettled([writer.append(text("x")), writer.append(text("y"))]);
    for (const result of failed) {
      expect((result as PromiseRejectedResult).reason).toMatchObject({ code: "ERR_JOURNAL", cause: full });
    }
    // The disk works again, and the writer still refuses: what it holds may differ from what it knows.
    journal.onWrite = () => undefined;
    Reflect.deleteProperty(journal, "batch");
    expect(await failure(writer.append(text("z")))).toMatchObject({ code: "ERR_JOURNAL" });
    expect(await contentsOf(writer)).toEqual(["acknowledged"]);
    await writer.close();
    for (const kept of [0, 1]) {
      const reopened = await open(new PowerCutDatabase(journal.afterPowerCut(kept)));
      await reopened.append(text("after"));
      const contents = await contentsOf(reopened);
      const unknown = when === "after it did" ? ["x", "y"] : [];
      expect(contents).toEqual(["acknowledged", ...unknown, "after"]);
    }
  },
);

test("append on a closed writer is refused with ERR_CLOSED, an aborted one with the signal's reason", async () => {
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
  });
  const reason = new Error("gave up");
  expect(await failure(writer.append(text("a"), { signal: AbortSignal.abort(reason) }))).toBe(reason);
  await writer.close();
  expect(await failure(writer.append(text("a")))).toMatchObject({ code: "ERR_CLOSED" });
  expect(writer.size).toBe(0);
});

test("appends that were handed in before close are durable when it resolves", async () => {
  const journal = new PowerCutDatabase();
  const writer = await open(journal);
  const appends = Promise.all(Array.from({ length: 20 }, (_, i) => writer.append(text(String(i)))));
  await writer.close();
  await appends;
  expect((await open(new PowerCutDatabase(journal.afterPowerCut()))).size).toBe(20);
});
