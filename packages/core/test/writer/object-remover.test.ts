// What a removal left on a remote is deleted when readers had their time, unless the log still needs it.

import { memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  type Address,
  addressOf,
  DeniedError,
  NotFoundError,
  rawSha256,
  type StorageBackend,
} from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import { publicSealing } from "../../src/log/public-sealing.ts";
import { ObjectRemover } from "../../src/writer/object-remover.ts";
import { text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const { signal } = new AbortController();

afterEach(() => {
  vi.restoreAllMocks();
});

const addressOfText = (content: string): Promise<Address> => addressOf(text(content), rawSha256);

interface Setting {
  readonly visibility?: "public" | "private";
  /** The entries of the log; an entry that says "removed" has lost its content. */
  readonly entries?: readonly string[];
  /** An index node that the head leads to. */
  readonly node?: Address;
  readonly storage?: Partial<StorageBackend>;
}

/** A remover for a remote with these objects, and what it deletes. */
async function removerOf({ visibility = "public", entries = [], node, storage = {} }: Setting = {}) {
  const journal = await Journal.open(new PowerCutDatabase());
  const records = new RemoteRecords(journal, "memory");
  const deleted: string[] = [];
  const read: number[] = [];
  const sealing = publicSealing("sha256");
  const walked = {
    write: journal.write.bind(journal),
    async *entries(from: number, to: number) {
      for (const [sequence, content] of entries.entries()) {
        if (!(sequence >= from && sequence < to)) continue;
        read.push(sequence);
        const sealed = sealing.seal(sequence, text(content));
        yield { sequence, ...sealed, ...(content === "removed" && { removed: true }) };
      }
    },
  };
  const writer = { journal: walked, genesis: { genesis: { visibility } }, sealing, size: entries.length };
  const acknowledged = {
    commit: async (write: (notes: []) => Promise<void>, covered: Iterable<Address>) => {
      await write([]);
      forgotten.push(...[...covered].map(String));
    },
  };
  const forgotten: string[] = [];
  const tree = {
    levels: [{ first: 0, refs: [] }, ...(node ? [{ first: 0, refs: [], node: { address: node } }] : [])],
    acknowledged,
  };
  const deletes = async (address: Address): Promise<void> => void deleted.push(`${address}`);
  const parts = { writer, storage: { ...memoryStorage(), delete: deletes, ...storage }, records, tree };
  const remover = new ObjectRemover({ ...parts, graceMilliseconds: 100 } as never);
  /** Notes objects that no head leads to since some time; `undefined`: it still does. */
  const note = async (
    shownAt: number | undefined,
    contents: readonly Address[],
    pages: readonly Address[] = [],
    replacements: readonly Address[] = [],
  ) => {
    const [operation] = await records.oldObjects.addOperations({ tree: pages, contents, replacements });
    await journal.write([operation!], false);
    if (shownAt !== undefined) await journal.write(await records.oldObjects.shownOperations(shownAt), false);
  };
  return { remover, note, deleted, forgotten, read, records, journal };
}

test("what is due is deleted, and what is not stays until then", async () => {
  const { remover, note, deleted, forgotten } = await removerOf();
  const addresses = await Promise.all(["a", "b", "c", "d"].map(addressOfText));
  const [a, b, c, d] = addresses as [Address, Address, Address, Address];
  await note(1000, [a], [b]);
  await note(1050, [c]);
  await note(undefined, [d]);
  vi.spyOn(Date, "now").mockReturnValue(1099);
  expect(await remover.progress()).toEqual({ forgets: "deleted", left: 4, dueAt: 1100 });
  expect(await remover.remove(signal)).toEqual({ forgets: "deleted", left: 4, dueAt: 1100 });
  expect(deleted).toEqual([]);
  vi.spyOn(Date, "now").mockReturnValue(1100);
  expect(await remover.remove(signal)).toEqual({ forgets: "deleted", left: 2, dueAt: 1150 });
  expect(deleted.sort()).toEqual([`${a}`, `${b}`].sort());
  expect(forgotten.sort()).toEqual(deleted);
  vi.spyOn(Date, "now").mockReturnValue(10_000);
  expect(await remover.remove(signal)).toEqual({ forgets: "deleted", left: 1 });
  expect(deleted).toHaveLength(3);
});

test("a content that an entry still has stays, also that of the first and of the last", async () => {
  const entries = ["first", "removed", "middle", "last"];
  const { remover, note, deleted } = await removerOf({ entries });
  await note(0, await Promise.all(["first", "removed", "gone", "last"].map(addressOfText)));
  expect(await remover.remove(signal)).toEqual({ forgets: "deleted", left: 0 });
  const gone = await Promise.all(["removed", "gone"].map(addressOfText));
  expect(deleted.sort()).toEqual(gone.map(String).sort());
});

test("of a head that is old, entries are read from its own number of entries on", async () => {
  const entries = ["zero", "one", "two", "three"];
  const { remover, deleted, read, records, journal } = await removerOf({ entries });
  const [head, three] = (await Promise.all(["head", "three"].map(addressOfText))) as [Address, Address];
  const note = async (tree: readonly Address[], since?: number): Promise<void> => {
    const objects = { tree, contents: [], ...(since !== undefined && { since }) };
    await journal.write(await records.oldObjects.addOperations(objects, 0), false);
  };
  await note([head], 3);
  await note([three], 2);
  await remover.remove(signal);
  expect(deleted).toEqual([`${head}`]);
  expect(read).toEqual([2, 3]);
  // If anything else is due as well, all of them are.
  await note([head], 3);
  await note([three]);
  await remover.remove(signal);
  expect(read.slice(2)).toEqual([0, 1, 2, 3]);
});

test("the head that the name leads to stays, and one that is on its way", async () => {
  const { remover, note, deleted, records, journal } = await removerOf();
  const [shown, sent, old] = (await Promise.all(["shown", "sent", "old"].map(addressOfText))) as [
    Address,
    Address,
    Address,
  ];
  await note(0, [], [shown, sent, old]);
  const heads = [shown, sent].map((address) => ({ address, size: 1 }));
  await journal.write([records.headObjectsOperation(heads)], false);
  await remover.remove(signal);
  expect(deleted).toEqual([`${old}`]);
});

test("whatever a page or an index node of the log is stays, for whatever it was stored", async () => {
  const [page, node, other] = (await Promise.all(["page", "node", "other"].map(addressOfText))) as [
    Address,
    Address,
    Address,
  ];
  const { remover, note, deleted, records, journal } = await removerOf({ node });
  await journal.write([records.refOperation(0, 0, { address: page, hash: new Uint8Array(32) })], false);
  await note(0, [page, other], [node]);
  await remover.remove(signal);
  expect(deleted).toEqual([`${other}`]);
});

test("entries are read if anything is to go, and never in a private log", async () => {
  for (const visibility of ["public", "private"] as const) {
    const [node, page] = await Promise.all([addressOfText("node"), addressOfText("page")]);
    const { remover, note, read } = await removerOf({ visibility, entries: ["a", "b"], node });
    await note(0, [], [node]);
    await remover.remove(signal);
    expect(read).toEqual([]);
    await note(0, [], [page]);
    await remover.remove(signal);
    expect(read).toEqual(visibility === "public" ? [0, 1] : []);
  }
});

test("an old page that an entry has as its content stays", async () => {
  const { remover, note, deleted } = await removerOf({ entries: ["a", "the bytes of a page"] });
  await note(0, [], await Promise.all(["the bytes of a page", "another page"].map(addressOfText)));
  await remover.remove(signal);
  expect(deleted).toEqual([`${await addressOfText("another page")}`]);
});

test("a storage that releases is asked for that, and one that does neither keeps what it has", async () => {
  const released: string[] = [];
  const release = async (address: Address): Promise<void> => void released.push(`${address}`);
  for (const [storage, forgets, count] of [
    [{ delete: undefined, release }, "released", 1],
    [{ delete: undefined, release: undefined }, "never", 1],
    [{ release }, "deleted", 1],
  ] as const) {
    const { remover, note } = await removerOf({ storage } as unknown as Setting);
    await note(0, [await addressOfText("content")]);
    expect(await remover.remove(signal)).toEqual({ forgets, left: 0 });
    expect(released).toHaveLength(count);
  }
});

test("a storage that refuses is told with what is left; an abort is thrown", async () => {
  const error = new DeniedError("Not allowed.", { operation: "storage.delete" });
  const refusing = await removerOf({ storage: { delete: () => Promise.reject(error) } });
  await refusing.note(0, [await addressOfText("content")]);
  expect(await refusing.remover.remove(signal)).toEqual({ forgets: "deleted", left: 1, dueAt: 100, error });
  const controller = new AbortController();
  const reason = new Error("enough");
  const aborting = await removerOf({
    storage: {
      delete: async () => {
        controller.abort(reason);
        throw error;
      },
    },
  });
  await aborting.note(0, [await addressOfText("content")]);
  expect(await failure(aborting.remover.remove(controller.signal))).toBe(reason);
});

test("16 requests are under way at once, and what was dealt with is forgotten at the end", async () => {
  const waiting: (() => void)[] = [];
  const begun = vi.fn<() => Promise<void>>(() => new Promise((resolve) => waiting.push(resolve)));
  const { remover, note, records } = await removerOf({ storage: { delete: begun } });
  await note(0, await Promise.all(Array.from({ length: 18 }, (_, i) => addressOfText(`${i}`))));
  const removing = remover.remove(signal);
  while (waiting.length < 16) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toHaveBeenCalledTimes(16);
  for await (const { contents } of records.oldObjects.load()) expect(contents).toHaveLength(18);
  while (begun.mock.calls.length < 18) {
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const resolve of waiting) resolve();
  expect(await removing).toEqual({ forgets: "deleted", left: 0 });
});

test("records with 65,536 objects are dealt with at once, and then the next", async () => {
  const { remover, records, journal } = await removerOf();
  const address = await addressOfText("content");
  // One and the same, so that it is deleted once.
  const many = new Array<Address>(65_035).fill(address);
  let left = [many, [address], [address]].map((tree, number) => ({
    number,
    shownAt: 0,
    tree,
    contents: number === 0 ? many.slice(0, 500) : [],
  }));
  vi.spyOn(records.oldObjects, "load").mockImplementation(async function* () {
    yield* left;
  });
  const groups: number[][] = [];
  vi.spyOn(records.oldObjects, "deleteOperation").mockImplementation((number) => {
    groups.at(-1)!.push(number);
    left = left.filter((record) => record.number !== number);
    return journal.recoveriesOperation(0);
  });
  const loadAddresses = records.loadAddresses.bind(records);
  vi.spyOn(records, "loadAddresses").mockImplementation((cuts) => {
    groups.push([]);
    return loadAddresses(cuts);
  });
  await remover.remove(signal);
  expect(groups).toEqual([[0, 1], [2]]);
});

test("an abort ends the search for entries that have a content, too", async () => {
  const controller = new AbortController();
  const { remover, note, read, deleted } = await removerOf({ entries: ["a", "b", "c"] });
  await note(0, [await addressOfText("content")]);
  controller.abort("enough");
  expect(await failure(remover.remove(controller.signal))).toBe("enough");
  expect(read).toEqual([0]);
  expect(deleted).toEqual([]);
});

describe("what stands in the place of old pages", () => {
  const pages = () => Promise.all(["a", "b"].map(addressOfText)) as Promise<[Address, Address]>;
  const there =
    (read: string[] = []) =>
    async (address: Address) => {
      read.push(`${address}`);
      if (address.equals(await addressOfText("gone")))
        throw new NotFoundError("gone", { operation: "storage.get" });
      if (address.equals(await addressOfText("other"))) return text("not it");
      return text("there");
    };

  test("is read once before they are deleted, and lets them be if it is not there, or is something else", async () => {
    const [a, b] = await pages();
    const [kept, gone, other] = await Promise.all(["there", "gone", "other"].map(addressOfText));
    const read: string[] = [];
    const { remover, note, deleted } = await removerOf({ storage: { get: there(read) } });
    await note(0, [], [a], [kept!]);
    await note(0, [], [b], [kept!, gone!, other!]);
    await note(Date.now() + 60_000, [], [a], [gone!]);
    // Nothing goes that was not looked at.
    expect(await remover.remove(signal)).toMatchObject({ left: 3 });
    expect(deleted).toEqual([]);
    expect(await remover.lost(signal)).toEqual([gone, other]);
    expect(read).toEqual([kept, kept, gone, other].map(String));
    expect(await remover.remove(signal)).toMatchObject({ left: 2 });
    expect(deleted).toEqual([`${a}`]);
    read.length = 0;
    expect(await remover.lost(signal)).toEqual([gone, other]);
    expect(read).toEqual([kept, gone, other].map(String));
  });

  test.each([
    ["asked for before", "local", false, [undefined]],
    ["read by one request, if the storage can be asked so", "local", true, [true, true]],
    ["read as by anybody, if nobody else can hold it", "known", true, [undefined, undefined]],
  ] as const)("here alone, if others may hold it: %s", async (_what, absence, localReads, asked) => {
    const [[a], kept, gone] = [await pages(), await addressOfText("there"), await addressOfText("gone")];
    const locals: unknown[] = [];
    const get: StorageBackend["get"] = (address, options) => {
      locals.push(options?.local);
      return there([])(address);
    };
    const capabilities = { ...memoryStorage().capabilities, absence, localReads };
    const has = async (address: Address) => !address.equals(gone);
    const { remover, note } = await removerOf({ storage: { capabilities, has, get } });
    await note(0, [], [a], [kept, gone]);
    expect(await remover.lost(signal)).toEqual([gone]);
    expect(locals).toEqual(asked);
  });

  test("lets them be for now if it can't be asked for, and the error is told", async () => {
    const [a, b] = await pages();
    const [kept] = await Promise.all(["there"].map(addressOfText));
    const error = new DeniedError("no", { operation: "storage.get" });
    let fails = true;
    const get = async (): Promise<Uint8Array> => {
      if (fails) throw error;
      return text("there");
    };
    const { remover, note, deleted } = await removerOf({ storage: { get } });
    await note(0, [], [a], [kept!]);
    await note(0, [], [b]);
    expect(await remover.lost(signal)).toEqual([]);
    expect(await remover.remove(signal)).toMatchObject({ left: 1, error });
    expect(deleted).toEqual([`${b}`]);
    fails = false;
    expect(await remover.lost(signal)).toEqual([]);
    expect(await remover.remove(signal)).toEqual({ forgets: "deleted", left: 0 });
    const controller = new AbortController();
    fails = true;
    await note(0, [], [a], [kept!]);
    controller.abort("enough");
    expect(await failure(remover.lost(controller.signal))).toBe("enough");
  });
});
