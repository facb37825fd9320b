// What a storage lacks is told apart from what could not be asked, and comes back from the first that has it.

import {
  type Address,
  addressOf,
  rawSha256,
  type StorageBackend,
  TimeoutError,
  UnreachableError,
} from "@remote-log/core";
import { memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { MendingStorage } from "../../src/checking/mending-storage.ts";

const content = new TextEncoder().encode("the content");
const address = await addressOf(content, rawSha256);

async function holding(): Promise<StorageBackend> {
  const storage = memoryStorage();
  await storage.put(content);
  return storage;
}

/** A storage that gives these bytes for whatever it is asked, until something is put. */
function liar(bytes: Uint8Array): StorageBackend {
  const inner = memoryStorage();
  let put = false;
  return {
    ...inner,
    put: (given, options) => {
      put = true;
      return inner.put(given, options);
    },
    get: async (asked, options) => (put ? inner.get(asked, options) : bytes),
  };
}

test("what is missing or damaged is put back, and read again", async () => {
  for (const [own, kind] of [
    [memoryStorage(), "missing"],
    [liar(new Uint8Array(3)), "damaged"],
  ] as const) {
    const sources = [memoryStorage(), liar(new Uint8Array(1)), await holding()];
    const told = new MendingStorage(own, { sources, repairs: false });
    expect(await told.get(address)).toEqual(content);
    expect(told.faults).toEqual([{ address: `${address}`, kind, mended: false }]);
    const mending = new MendingStorage(own, { sources, repairs: true });
    expect(await mending.get(address)).toEqual(content);
    expect(mending.faults).toEqual([{ address: `${address}`, kind, mended: true }]);
    const again = new MendingStorage(own, { sources: [], repairs: true });
    expect(await again.get(address)).toEqual(content);
    expect(again.faults).toEqual([]);
  }
});

test("what was put back and is wrong all the same is not mended", async () => {
  const own = { ...memoryStorage(), put: async (): Promise<Address> => address };
  const mending = new MendingStorage(own, { sources: [await holding()], repairs: true });
  expect(await mending.get(address)).toEqual(content);
  expect(mending.faults).toMatchObject([{ kind: "missing", mended: false }]);
  expect(mending.refusal).toMatchObject({ code: "ERR_NOT_FOUND" });
});

test("what could not be asked is no fault", async () => {
  const unreachable = new UnreachableError("no", { operation: "storage.get" });
  const own = { ...memoryStorage(), get: () => Promise.reject(unreachable) };
  const mending = new MendingStorage(own, { sources: [await holding()], repairs: true });
  expect(await failure(mending.get(address))).toBe(unreachable);
  expect(mending.faults).toEqual([]);
});

test("in a network, what nobody showed in time is missing, and a repair asks what the node itself holds", async () => {
  const inner = memoryStorage();
  const timeout = new TimeoutError("nobody", { operation: "storage.get" });
  let searched = 0;
  const node: StorageBackend = {
    ...inner,
    capabilities: { ...inner.capabilities, absence: "local" },
    get: (asked, options) => {
      searched++;
      return inner.get(asked, options).catch(() => Promise.reject(timeout));
    },
  };
  const alone = new MendingStorage(node, { sources: [], repairs: false });
  expect(await failure(alone.get(address))).toMatchObject({ code: "ERR_NOT_FOUND", cause: timeout });
  expect(alone.faults).toMatchObject([{ kind: "missing" }]);
  searched = 0;
  const mending = new MendingStorage(node, { sources: [await holding()], repairs: true });
  await mending.get(address);
  expect(mending.faults).toMatchObject([{ kind: "missing", mended: true }]);
  // The one read is that of what was put back.
  expect(searched).toBe(1);
});
