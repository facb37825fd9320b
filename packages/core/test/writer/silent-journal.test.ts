import { memoryRemote } from "@remote-log/memory";
import { failure, until } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test, vi } from "vitest";
import {
  type BatchOperation,
  databaseReaderStore,
  generateSeed,
  type JournalWitness,
  type KeyRange,
  type KeyValueDatabase,
  memoryReaderStore,
  openReader,
  openWriter,
  type ReaderStore,
  type ViewEncoding,
  type Writer,
} from "../../src/index.ts";
import { text } from "./log-contents.ts";

/** For how long the journal is waited for here, in milliseconds. */
const PATIENCE = 50;
const seed = generateSeed();

type Call = "open" | "get" | "batch" | "iterator" | "close";

/** A database of which some calls give no answer until they are let go; then they take effect, unless they are lost. */
class SilentDatabase implements KeyValueDatabase {
  readonly inner = new MemoryLevel<Uint8Array, Uint8Array>();
  silent: Call | undefined;
  #answer: (() => void)[] = [];

  get status(): string {
    return this.inner.status;
  }

  /** Whether a call gave no answer so far. */
  get isSilent(): boolean {
    return this.#answer.length > 0;
  }

  /** Lets every call continue that gave no answer. */
  speak(): void {
    this.silent = undefined;
    for (const answer of this.#answer.splice(0)) answer();
  }

  async #turn(call: Call): Promise<void> {
    if (this.silent === call) await new Promise<void>((resolve) => this.#answer.push(resolve));
  }

  async open(): Promise<void> {
    await this.#turn("open");
    await this.inner.open();
  }

  async close(): Promise<void> {
    await this.#turn("close");
    // As abstract-level has it: what is under way ends first.
    if (this.silent === "batch") await this.#turn("batch");
    await this.inner.close();
  }

  async get(key: Uint8Array, options: ViewEncoding): Promise<Uint8Array | undefined> {
    await this.#turn("get");
    return this.inner.get(key, options);
  }

  async batch(
    operations: BatchOperation[],
    options: ViewEncoding & { readonly sync?: boolean },
  ): Promise<void> {
    await this.#turn("batch");
    await this.inner.batch(operations, options);
  }

  async *iterator(options: ViewEncoding & KeyRange): AsyncGenerator<[Uint8Array, Uint8Array]> {
    for await (const step of this.inner.iterator(options)) {
      await this.#turn("iterator");
      yield step;
    }
  }
}

const opened = (journal: KeyValueDatabase, witness?: JournalWitness): Promise<Writer> =>
  openWriter({
    settings: { visibility: "public" },
    seed,
    journal,
    publish: "manual",
    journalMilliseconds: PATIENCE,
    ...(witness && { witness }),
  });

const silent = { code: "ERR_JOURNAL", reason: "no-answer", retry: "never" };
const locked = { code: "ERR_JOURNAL_LOCKED" };

/** Opens a journal once whoever had it open has closed it. */
async function reopened(journal: KeyValueDatabase): Promise<Writer> {
  let writer: Writer | undefined;
  await until(async () => {
    writer = await opened(journal).catch(() => undefined);
    return writer !== undefined;
  });
  return writer!;
}

async function contents(writer: Writer): Promise<string[]> {
  const found: string[] = [];
  for await (const { sequence, content } of writer.entries())
    found.push(`${sequence} ${new TextDecoder().decode(content)}`);
  return found;
}

test.each(["open", "get", "iterator", "batch"] as const)(
  "a journal that does not answer to %s does not open, stays locked until it has closed, and opens then",
  async (call) => {
    const journal = new SilentDatabase();
    // One that holds a log, so that opening it reads; a new one, if opening it is to write.
    if (call !== "batch") {
      const writer = await opened(journal);
      await writer.append(text("a"));
      await writer.close();
    }
    journal.silent = call;
    expect(await failure(opened(journal))).toMatchObject(silent);
    if (call === "open" || call === "batch") expect(await failure(opened(journal))).toMatchObject(locked);
    journal.speak();
    const writer = await reopened(journal);
    expect(await contents(writer)).toEqual(call === "batch" ? [] : ["0 a"]);
    await writer.close();
  },
);

test("an append that gets no answer says that its outcome is unknown, and no number is given twice", async () => {
  const journal = new SilentDatabase();
  const writer = await opened(journal);
  const { sequence } = await writer.append(text("acknowledged"));
  expect(sequence).toBe(0);
  journal.silent = "batch";
  const error = await failure(writer.append(text("unknown")));
  expect(error).toMatchObject(silent);
  expect((error as Error).message).toContain("Whether what it was writing is in it is unknown");
  // At once, and without another word to the journal.
  journal.silent = undefined;
  expect(await failure(writer.append(text("never")))).toBe(error);
  journal.silent = "batch";
  expect(await failure(writer.close())).toMatchObject({
    ...silent,
    message: expect.stringContaining("close"),
  });
  // What may still be written must not meet another writer.
  expect(await failure(opened(journal))).toMatchObject(locked);
  journal.speak();
  const again = await reopened(journal);
  expect(await contents(again)).toEqual(["0 acknowledged", "1 unknown"]);
  expect((await again.append(text("next"))).sequence).toBe(2);
  await again.close();
});

test("the closing of a journal that does not answer ends, and the journal stays locked until it has closed", async () => {
  const journal = new SilentDatabase();
  const writer = await opened(journal);
  await writer.append(text("a"));
  journal.silent = "close";
  expect(await failure(writer.close())).toMatchObject(silent);
  expect(await failure(opened(journal))).toMatchObject(locked);
  journal.speak();
  const again = await reopened(journal);
  expect(again.size).toBe(1);
  await again.close();
});

test("what is read back from a journal that does not answer fails, and so does a publish", async () => {
  const journal = new SilentDatabase();
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal,
    remotes: [memoryRemote()],
    publish: "manual",
    journalMilliseconds: PATIENCE,
  });
  for (let i = 0; i < 40; i++) await writer.append(text(`entry ${i}`));
  journal.silent = "iterator";
  const error = await failure(writer.publish());
  expect(error).toMatchObject(silent);
  // It is not asked again, although it would answer: what it did not answer may still take effect.
  journal.silent = undefined;
  expect(await failure(contents(writer))).toBe(error);
  expect(await failure(writer.append(text("late")))).toBe(error);
  journal.speak();
  await writer.close();
});

test.each(["load", "save", "close"] as const)(
  "a witness that does not answer to %s fails what waits for it",
  async (call) => {
    const journal = new MemoryLevel<Uint8Array, Uint8Array>();
    let held: Uint8Array | undefined;
    let isSilent = call === "load";
    const never = (): Promise<never> => new Promise(() => undefined);
    const witness: JournalWitness = {
      load: async () => (isSilent && call === "load" ? never() : held),
      save: async (statement) => {
        if (isSilent && call === "save") await never();
        held = statement;
      },
      close: async () => (isSilent && call === "close" ? never() : undefined),
    };
    if (call === "load") {
      expect(await failure(opened(journal, witness))).toMatchObject(silent);
    } else {
      const writer = await opened(journal, witness);
      await writer.append(text("acknowledged"));
      isSilent = true;
      if (call === "save") {
        const error = await failure(writer.append(text("not acknowledged")));
        expect(error).toMatchObject({ ...silent, message: expect.stringContaining("was not acknowledged") });
        await writer.close();
      } else {
        expect(await failure(writer.close())).toMatchObject(silent);
      }
    }
    isSilent = false;
    const again = await opened(journal, witness);
    expect(again.size).toBe({ load: 0, save: 2, close: 1 }[call]);
    expect((await again.append(text("next"))).sequence).toBe(again.size - 1);
    await again.close();
  },
);

test("a device that slept does not make a journal late", async () => {
  const journal = new SilentDatabase();
  const writer = await opened(journal);
  journal.silent = "batch";
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  try {
    const appending = writer.append(text("a"));
    while (!journal.isSilent) await new Promise((resolve) => setImmediate(resolve));
    vi.setSystemTime(Date.now() + 3_600_000);
    // The timer ends once, an hour late, and waits anew: for a little more than this, as bytes are written.
    vi.advanceTimersByTime(2 * PATIENCE);
    journal.speak();
    expect((await appending).sequence).toBe(0);
  } finally {
    vi.useRealTimers();
  }
  await writer.close();
});

test.each([0, -1, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY])(
  "%d is no time for a journal",
  async (journalMilliseconds) => {
    const journal = new MemoryLevel<Uint8Array, Uint8Array>();
    const opening = openWriter({ settings: { visibility: "public" }, seed, journal, journalMilliseconds });
    expect(await failure(opening)).toMatchObject({ code: "ERR_INVALID_INPUT" });
    await (await openWriter({ settings: { visibility: "public" }, seed, journal })).close();
  },
);

test.each(["get", "put", "compareAndSet"] as const)(
  "a reader's store that does not answer to %s fails what waits for it",
  async (call) => {
    const remote = memoryRemote();
    const writer = await openWriter({
      settings: { visibility: "public" },
      seed,
      journal: new MemoryLevel(),
      remotes: [remote],
      publish: "manual",
    });
    for (const content of ["a", "b"]) await writer.append(text(content));
    await writer.publish();
    await writer.close();
    let isSilent = false;
    const inner = memoryReaderStore();
    const never = (): Promise<never> => new Promise(() => undefined);
    const store: ReaderStore = {
      ...inner,
      [call]: (...values: never[]) =>
        isSilent ? never() : (inner[call] as (...all: never[]) => unknown)(...values),
    };
    const late = { code: "ERR_TIMEOUT", retry: "safe", operation: "reader.store" };
    const open = () =>
      openReader({
        logId: writer.logId,
        remotes: [remote],
        store,
        limits: { requestMilliseconds: PATIENCE },
      });
    const reader = await open();
    isSilent = true;
    if (call === "get") expect(await failure(open())).toMatchObject(late);
    const follow = async (): Promise<number> => {
      let count = 0;
      for await (const _ of reader.follow({ cursor: "c", live: false })) count++;
      return count;
    };
    expect(await failure(follow())).toMatchObject(late);
    isSilent = false;
    // A cursor that was not kept delivers again, and never less.
    expect(await follow()).toBe(2);
    await reader.close();
  },
);

test("a reader closes although its database does not answer", async () => {
  const database = new SilentDatabase();
  await database.open();
  const remote = memoryRemote();
  const options = { logId: "0".repeat(64), remotes: [remote], limits: { requestMilliseconds: PATIENCE } };
  const reader = await openReader({ ...options, store: databaseReaderStore(database) });
  database.silent = "get";
  const syncing = failure(reader.sync());
  await reader.close();
  expect(await syncing).toMatchObject({ code: "ERR_CLOSED" });
  database.speak();
});
