// Removal on real servers: what was removed is read by nobody and kept by no server that can forget, all else is as it was, and
// what was cut is finished.

import {
  type Address,
  DeniedError,
  deriveKeys,
  generateSeed,
  memoryReaderStore,
  mirrorLog,
  openReader,
  openWriter,
  type Reader,
  type Remote,
  type StorageBackend,
  type Writer,
} from "@remote-log/core";
import { serverOrSkip } from "@remote-log/servers";
import { failure, randomBytes } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Place, type Server, starts } from "./places.ts";

const ENTRIES = 30;
/** What is removed: among them a content that is stored on its own, and neighbours. None is in the head. */
const REMOVED = [5, 6, 11, 12, 13];
const LEFT = Array.from({ length: ENTRIES }, (_, i) => i).filter((i) => !REMOVED.includes(i));

type Visibility = "public" | "private";

const servers = await Promise.all(
  (["minio", "versitygw", "kubo", "bee"] as const).map(async (name) => ({
    name,
    skip: (await serverOrSkip(name)).skip,
  })),
);

for (const { name, skip } of servers) {
  describe.skipIf(skip)(`a removal on ${name}`, async () => {
    if (skip) return;
    const server = await starts[name]();

    test.each<Visibility>(["public", "private"])(
      "takes contents out of a %s log, for readers and for the server",
      async (visibility) => {
        const log = await Log.write(server, visibility);
        const early = await log.reader();
        await early.sync();
        const { removed, remotes } = await log.writer.remove(REMOVED);
        expect([removed, remotes.map(({ forgets }) => forgets)]).toEqual([REMOVED.length, [server.forgets]]);
        await log.writer.publish();
        expect(log.writer.status().remotes[0]).not.toHaveProperty("removal");
        await server.tidyUp?.();

        // Somebody new, and somebody who was there before.
        expect(await log.numbersRead()).toEqual(LEFT);
        await early.sync();
        for (const reader of [early, await log.reader()]) {
          expect(await failure(reader.entry(12))).toMatchObject({
            code: "ERR_REMOVED",
            sequence: 12,
            next: 14,
          });
          expect((await reader.entry(10)).content).toEqual(log.contents[10]);
        }
        await log.expectForgotten();
      },
    );

    test.each<Cut>(server.forgets === "never" ? ["put", "update"] : ["put", "update", "forget"])(
      "that was cut after a %s is finished by the next process",
      async (cut) => {
        const log = await Log.write(server, "public");
        await log.writer.remove([5, 6]);
        log.dieAfter(cut);
        // A removal that fails holds up no publish: what failed is told.
        const published = await log.writer.publish().then(
          () => true,
          () => false,
        );
        expect([published, log.isDead]).toEqual([cut === "forget", true]);
        await log.restart();
        await log.writer.remove([11, 12, 13]);
        await log.writer.publish();
        expect(log.writer.status().remotes[0]).not.toHaveProperty("removal");
        await server.tidyUp?.();
        expect(await log.numbersRead()).toEqual(LEFT);
        await log.expectForgotten();
      },
    );

    test("takes a head away that is an object, once the name shows another", async () => {
      const log = await Log.write(server, "public", 120);
      expect(await log.keptHeads()).toBe(1);
      // It is among the newest entries, which are in the head.
      await log.writer.remove(ENTRIES - 1);
      await log.writer.publish();
      expect(log.writer.status().remotes[0]).not.toHaveProperty("removal");
      await server.tidyUp?.();
      expect(await log.keptHeads()).toBe(server.forgets === "never" ? 2 : 1);
      expect(await log.numbersRead()).toEqual(Array.from({ length: ENTRIES - 1 }, (_, i) => i));
    });

    test("is no gap for a mirror", async () => {
      const log = await Log.write(server, "private");
      await log.writer.remove(REMOVED);
      await log.writer.publish();
      const place = await server.place(deriveKeys(generateSeed()));
      const mirrored = await mirrorLog({ reader: await log.reader(), to: await place.open() });
      expect(mirrored).toMatchObject({ missing: [], missingEntries: 0, name: "updated" });
      expect(await log.numbersRead(place)).toEqual(LEFT);
    });
  });
}

/** After what the writer's process ends: whatever it asks for from then on fails. */
type Cut = "put" | "update" | "forget";

/** A log on a server, with everything that was ever put there. */
class Log {
  readonly contents = Array.from({ length: ENTRIES }, (_, i) => randomBytes(i % 5 === 0 ? 700 : 40));
  readonly #server: Server;
  readonly #visibility: Visibility;
  readonly #largestName: number | undefined;
  readonly #seed = generateSeed();
  readonly #journal = new MemoryLevel<Uint8Array, Uint8Array>();
  readonly #put = new Map<string, { readonly address: Address; readonly bytes: Uint8Array }>();
  #place!: Place;
  /** What the newest reader that read all asked the server for. */
  #read = new Set<string>();
  writer!: Writer;
  #cut: Cut | undefined;
  isDead = false;

  private constructor(server: Server, visibility: Visibility, largestName: number | undefined) {
    this.#server = server;
    this.#visibility = visibility;
    this.#largestName = largestName;
  }

  /**
   * Writes and publishes a log.
   *
   * @param largestName - how much its name holds, in bytes. Default: as much as the server lets it
   */
  static async write(server: Server, visibility: Visibility, largestName?: number): Promise<Log> {
    const log = new Log(server, visibility, largestName);
    log.#place = await server.place(deriveKeys(log.#seed));
    await log.#open();
    onTestFinished(() => log.writer.close());
    await log.writer.appendAll(log.contents);
    await log.writer.publish();
    return log;
  }

  async #open(): Promise<void> {
    this.writer = await openWriter({
      seed: this.#seed,
      journal: this.#journal,
      remotes: [this.#noting(await this.#place.open())],
      settings: { visibility: this.#visibility, leafSize: 4, fanOut: 4 },
      publish: "manual",
      leastCapacity: 1,
      largestEmbedded: 100,
      graceMilliseconds: 0,
    });
  }

  /** Has everything fail after the next call of a kind, whose outcome the writer does not learn. */
  dieAfter(cut: Cut): void {
    this.#cut = cut;
  }

  /** Opens the journal as the next process does. */
  async restart(): Promise<void> {
    await this.writer.close();
    this.isDead = false;
    await this.#open();
  }

  async reader(place: Place = this.#place, read = new Set<string>()): Promise<Reader> {
    const { logId, readKey: key } = this.writer;
    const remote = await place.openToRead();
    const { storage } = remote;
    const get: StorageBackend["get"] = async (address, options) => {
      read.add(`${address}`);
      return storage.get(address, options);
    };
    const remotes = [{ ...remote, storage: { ...storage, get } }];
    const reader = await openReader({ logId, remotes, store: memoryReaderStore(), ...(key && { key }) });
    onTestFinished(() => reader.close());
    return reader;
  }

  /** The numbers of all entries that a new reader gets, each with its content. */
  async numbersRead(place?: Place): Promise<number[]> {
    this.#read = new Set();
    const reader = await this.reader(place, this.#read);
    const read: number[] = [];
    for await (const { sequence, content } of reader.from(0, { removed: "skip" })) {
      expect(content).toEqual(this.contents[sequence]);
      read.push(sequence);
    }
    return read;
  }

  /** How many heads the server keeps as objects. */
  async keptHeads(): Promise<number> {
    const origin = Buffer.from(`remote-log/v1/${this.writer.logId}\n`);
    let kept = 0;
    for (const { address, bytes } of this.#put.values())
      if (Buffer.from(bytes).includes(origin) && (await this.#place.keeps(address))) kept++;
    return kept;
  }

  /** Fails if a server that can forget keeps an object that readers do not need any more. */
  async expectForgotten(): Promise<void> {
    const kept: string[] = [];
    for (const [text, { address }] of this.#put) if (await this.#place.keeps(address)) kept.push(text);
    const replaced = [...this.#put.keys()].filter((text) => !this.#read.has(text));
    // A bundle, the node above it, and a content that was stored on its own.
    expect(replaced.length).toBeGreaterThanOrEqual(3);
    const all = [...this.#put.keys()];
    expect(kept).toEqual(
      this.#server.forgets === "never" ? all : all.filter((text) => !replaced.includes(text)),
    );
    const secrets = [...this.#put].filter(([, { bytes }]) => this.#showsRemoved(bytes)).map(([text]) => text);
    expect(secrets.length > 0).toBe(this.#visibility === "public");
    expect(replaced).toEqual(expect.arrayContaining(secrets));
  }

  #showsRemoved(bytes: Uint8Array): boolean {
    return REMOVED.some((i) => Buffer.from(bytes).includes(Buffer.from(this.contents[i]!)));
  }

  #noting(remote: Remote): Remote {
    const { storage, names } = remote;
    const noting: StorageBackend = {
      ...storage,
      put: (bytes, options) =>
        this.#step("put", async () => {
          const address = await storage.put(bytes, options);
          this.#put.set(`${address}`, { address, bytes: new Uint8Array(bytes) });
          return address;
        }),
      ...(storage.putMany && {
        putMany: (contents, options) =>
          this.#step("put", async () => {
            const outcomes = await storage.putMany!(contents, options);
            for (const [i, { status, value: address }] of (
              outcomes as PromiseFulfilledResult<Address>[]
            ).entries()) {
              expect(status).toBe("fulfilled");
              this.#put.set(`${address}`, { address, bytes: new Uint8Array(contents[i]!) });
            }
            return outcomes;
          }),
      }),
      ...(storage.delete && { delete: (address) => this.#step("forget", () => storage.delete!(address)) }),
      ...(storage.release && { release: (address) => this.#step("forget", () => storage.release!(address)) }),
    };
    return {
      ...remote,
      storage: noting,
      names: {
        ...names,
        capabilities: {
          ...names.capabilities,
          largestContent: this.#largestName ?? names.capabilities.largestContent,
        },
        update: (...given) => this.#step("update", () => names.update(...given)),
      },
    };
  }

  async #step<T>(kind: Cut, work: () => Promise<T>): Promise<T> {
    const dead = (): Error => new DeniedError("The process has ended.", { operation: `storage.${kind}` });
    if (this.isDead) throw dead();
    const value = await work();
    if (this.#cut !== kind) return value;
    this.#cut = undefined;
    this.isDead = true;
    throw dead();
  }
}
