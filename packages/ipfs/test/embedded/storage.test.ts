import { addressOf, rawSha256 } from "@remote-log/core";
import { type BlockstoreLike, blockstoreStorage, type PinsLike } from "@remote-log/ipfs/embedded";
import { MemoryBlockstore } from "blockstore-core";
import { CID } from "multiformats/cid";
import { describe, expect, it, vi } from "vitest";
import { allOf } from "./all-of.ts";
import { PinnedBlocks } from "./pinned-blocks.ts";

const content = new TextEncoder().encode("a content that is not long");
const address = await addressOf(content, rawSha256);

/** A store of which one part is another. */
function storeWith(changed: Partial<BlockstoreLike>): BlockstoreLike {
  const store = new MemoryBlockstore();
  return {
    put: (...args) => store.put(...(args as Parameters<MemoryBlockstore["put"]>)),
    get: (...args) => store.get(...(args as Parameters<MemoryBlockstore["get"]>)),
    has: (...args) => store.has(...(args as Parameters<MemoryBlockstore["has"]>)),
    ...changed,
  };
}

function failing(name: string, message: string, parts: object = {}): Partial<BlockstoreLike> {
  return {
    get: () => Promise.reject(Object.assign(new Error(message), { name }, parts)),
  };
}

describe("blocks", () => {
  it("are raw blocks under the CID that every IPFS tool gives these bytes", async () => {
    const blockstore = new MemoryBlockstore();
    const put = await blockstoreStorage({ blockstore }).put(new TextEncoder().encode("hello world"));
    const cid = CID.parse("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    expect(`${put}`).toBe(`${cid}`);
    expect(blockstore.has(cid)).toBe(true);
  });

  it.each<[string, () => ReturnType<BlockstoreLike["get"]>]>([
    ["bytes", () => content],
    ["a promise of bytes", async () => content],
    ["an iterable of pieces", () => [content.subarray(0, 5), new Uint8Array(0), content.subarray(5)]],
    ["a promise of an iterable", async () => [content]],
    [
      "an async iterable of pieces",
      async function* () {
        yield content.subarray(0, 1);
        yield content.subarray(1);
      },
    ],
  ])("are read from stores that give %s, into memory of their own", async (_, get) => {
    const read = await blockstoreStorage({ blockstore: storeWith({ get }) }).get(address);
    expect(read).toEqual(content);
    expect(read.buffer).not.toBe(content.buffer);
  });

  it("are not read on behind the most bytes that are wanted", async () => {
    let pieces = 0;
    let ended = false;
    const get = async function* () {
      try {
        for (; ; pieces++) yield new Uint8Array(1000);
      } finally {
        ended = true;
      }
    };
    const storage = blockstoreStorage({ blockstore: storeWith({ get }) });
    await expect(storage.get(address, { maxBytes: 2500 })).rejects.toMatchObject({
      code: "ERR_TOO_LARGE",
      limit: 2500,
    });
    expect({ pieces, ended }).toEqual({ pieces: 2, ended: true });
    await expect(storage.get(address)).rejects.toMatchObject({
      code: "ERR_TOO_LARGE",
      limit: 2 * 1024 * 1024,
    });
  });

  it("that a store changed are told as such", async () => {
    const storage = blockstoreStorage({ blockstore: storeWith({ get: () => content.toReversed() }) });
    await expect(storage.get(address)).rejects.toMatchObject({ code: "ERR_INTEGRITY" });
  });

  it("of more than 1 MiB are refused unless that is allowed, and of more than 2 MiB always", async () => {
    const blockstore = new MemoryBlockstore();
    const large = new Uint8Array(2 * 1024 * 1024);
    await expect(
      blockstoreStorage({ blockstore }).put(large.subarray(0, 1024 * 1024 + 1)),
    ).rejects.toMatchObject({
      code: "ERR_TOO_LARGE",
      limit: 1024 * 1024,
    });
    expect(await allOf(blockstore.getAll())).toHaveLength(0);
    await blockstoreStorage({ blockstore, largestContent: large.length }).put(large);
    expect(await allOf(blockstore.getAll())).toHaveLength(1);
    expect(() => blockstoreStorage({ blockstore, largestContent: large.length + 1 })).toThrow(
      "largestContent",
    );
  });

  it("are as they were when put was called, whatever happens to the bytes then", async () => {
    const storage = blockstoreStorage({ blockstore: new MemoryBlockstore() });
    const bytes = Uint8Array.from(content);
    const putting = storage.put(bytes);
    bytes.fill(0);
    expect(`${await putting}`).toBe(`${address}`);
    expect(await storage.get(address)).toEqual(content);
  });

  it("that others hold in the same store can be neither listed nor deleted", () => {
    const storage = blockstoreStorage({ blockstore: new MemoryBlockstore() });
    expect(storage.capabilities).toMatchObject({ delete: false, list: false });
    expect("delete" in storage || "list" in storage).toBe(false);
  });

  it("are not asked of what is no blockstore", () => {
    const open = () => blockstoreStorage({ blockstore: {} as BlockstoreLike });
    expect(open).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
  });
});

describe("a block that a store does not have", () => {
  it.each([
    ["NotFoundError", "Not Found", {}],
    ["Error", "Not Found", { code: "ERR_NOT_FOUND" }],
    ["NotFoundError", "Error: ENOENT: no such file or directory, open '/blocks/TE/CIQ.data'", {}],
    ["BlockNotFoundWhileOfflineError", "The node is running offline", {}],
    ["InvalidConfigurationError", "No block brokers capable of retrieving blocks are configured", {}],
  ])("is not found, in the words of %s (%s)", async (name, message, parts) => {
    const storage = blockstoreStorage({ blockstore: storeWith(failing(name, message, parts)) });
    await expect(storage.get(address)).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
  });

  it.each([
    ["Error: EACCES: permission denied, open '/blocks/TE/CIQ.data'", "ERR_DENIED"],
    ["Error: EIO: i/o error, read", "ERR_UNREACHABLE"],
    ["Error: EMFILE: too many open files", "ERR_UNREACHABLE"],
  ])("is another thing than a store over files that calls every failure so (%s)", async (message, code) => {
    const storage = blockstoreStorage({ blockstore: storeWith(failing("NotFoundError", message)) });
    await expect(storage.get(address)).rejects.toMatchObject({ code });
  });

  it("is known to be missing where nobody else can be asked, and nobody is", async () => {
    const get = vi.fn<BlockstoreLike["get"]>(() => content);
    const storage = blockstoreStorage({ blockstore: storeWith({ get }) });
    expect(storage.capabilities.absence).toBe("known");
    await storage.get(address);
    expect(get).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ offline: true }));
  });

  it("may be with others where the store can ask them, as that of Helia can", async () => {
    const get = vi.fn<BlockstoreLike["get"]>(() => content);
    const blockstore = Object.assign(storeWith({ get }), { createSession: () => undefined });
    const storage = blockstoreStorage({ blockstore });
    expect(storage.capabilities.absence).toBe("local");
    await storage.get(address);
    expect(get).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ offline: false }));
    expect(blockstoreStorage({ blockstore, absence: "known" }).capabilities.absence).toBe("known");
  });

  it("is looked for no longer than is allowed", async () => {
    const get = () => new Promise<never>(() => undefined);
    const storage = blockstoreStorage({ blockstore: storeWith({ get }), searchMilliseconds: 20 });
    await expect(storage.get(address)).rejects.toMatchObject({ code: "ERR_TIMEOUT", retry: "safe" });
  });

  it("may still be somewhere where nobody whom Helia asked gave it", async () => {
    const error = Object.assign(new AggregateError([new Error("gateway 504")], "Failed to load block"), {
      name: "LoadBlockFailedError",
    });
    const storage = blockstoreStorage({ blockstore: storeWith({ get: () => Promise.reject(error) }) });
    await expect(storage.get(address)).rejects.toMatchObject({
      code: "ERR_TIMEOUT",
      message: expect.stringContaining("gateway 504"),
    });
  });
});

describe("pins", () => {
  it("keep what is stored, once or twice, from a collection of garbage until it is released", async () => {
    const { blockstore, pins, collect } = new PinnedBlocks();
    const storage = blockstoreStorage({ blockstore, pins });
    await storage.put(content);
    await storage.put(content);
    await collect();
    expect(await storage.has(address)).toBe(true);
    await storage.release(address);
    await storage.release(address);
    await collect();
    expect(await storage.has(address)).toBe(false);
  });

  it("are set on a block that is there, although garbage was collected before and after the pin", async () => {
    const { blockstore, pins, collect } = new PinnedBlocks();
    let adds = 0;
    const add: PinsLike["add"] = async function* (cid) {
      adds++;
      if (adds === 1) await collect();
      yield* pins.add(cid) as AsyncIterable<unknown>;
      // A collection that had looked for pins before.
      if (adds === 2) await blockstore.delete(CID.decode(cid.bytes));
    };
    await blockstoreStorage({ blockstore, pins: { ...pins, add } }).put(content);
    await collect();
    expect({ adds, there: blockstore.has(CID.parse(`${address}`)) }).toEqual({ adds: 3, there: true });
  });

  it("that come too late again and again are a failure", async () => {
    const { blockstore, pins } = new PinnedBlocks();
    const add: PinsLike["add"] = async (cid) => blockstore.delete(CID.decode(cid.bytes));
    const storing = blockstoreStorage({ blockstore, pins: { ...pins, add } }).put(content);
    await expect(storing).rejects.toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  });

  it("that fail are no success: the content might not stay", async () => {
    const { blockstore, pins } = new PinnedBlocks();
    const add = () =>
      Promise.reject(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }));
    const storage = blockstoreStorage({ blockstore, pins: { ...pins, add } });
    await expect(storage.put(content)).rejects.toMatchObject({ code: "ERR_QUOTA" });
  });
});
