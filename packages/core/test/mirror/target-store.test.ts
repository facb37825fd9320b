// What is put into a target, and what is looked for there.

import { memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import {
  type Address,
  addressOf,
  type HashType,
  rawSha256,
  type StorageBackend,
  UnreachableError,
} from "../../src/index.ts";
import { LARGEST_PAGE } from "../../src/log/log-limits.ts";
import { TargetFailure, TargetStore } from "../../src/mirror/target-store.ts";

const content = new TextEncoder().encode("the content");
const address = await addressOf(content, rawSha256);
const unreachable = new UnreachableError("not now", { operation: "storage.put", retry: "safe" });

function targetOn(
  changed: Partial<StorageBackend> = {},
  options: { readonly resume?: boolean; readonly retries?: number } = {},
) {
  const contents = new Map<string, Uint8Array>();
  const storage: StorageBackend = { ...memoryStorage({ contents }), ...changed };
  const controller = new AbortController();
  const target = new TargetStore(storage, { resume: true, retries: 0, ...options }, controller.signal);
  return { target, contents, controller };
}

/** A storage that has addresses of another kind, or takes less. */
const able = (capabilities: Partial<StorageBackend["capabilities"]>): Partial<StorageBackend> => ({
  capabilities: { ...memoryStorage().capabilities, ...capabilities },
});

test("the largest page is the smaller of what readers take and what the target takes", () => {
  expect(targetOn(able({ largestContent: 1000 })).target.largestPage).toBe(1000);
  expect(targetOn(able({ largestContent: LARGEST_PAGE + 1 })).target.largestPage).toBe(LARGEST_PAGE);
});

test("a hash tells an address just where addresses are made of it", () => {
  const digest = rawSha256.digest(content) as Uint8Array;
  expect(`${targetOn().target.addressOfHash(digest)}`).toBe(`${address}`);
  for (const other of [{ codec: 0x71 }, { hash: 0x16 }, { digestBytes: 20 }]) {
    const type: HashType = { ...rawSha256, ...other };
    expect(targetOn(able({ hashTypes: [type] })).target.addressOfHash(digest)).toBeUndefined();
  }
});

test("an upload is repeated as often as it was asked to be, and no more", async () => {
  for (const [retries, calls] of [
    [0, 1],
    [1, 2],
  ] as const) {
    const put = vi.fn<StorageBackend["put"]>(() => Promise.reject(unreachable));
    const { target } = targetOn({ put }, { retries });
    const failed = await failure(target.put(content, address));
    expect(failed).toBeInstanceOf(TargetFailure);
    expect(failed.cause).toBe(unreachable);
    expect(put).toHaveBeenCalledTimes(calls);
  }
});

test("the failure of one upload does not end the others", async () => {
  const refusals = [unreachable, unreachable];
  const put: StorageBackend["put"] = async (bytes) => {
    const refusal = bytes.length > 0 ? undefined : refusals.pop();
    if (bytes.length === 0) throw new Error("It takes no empty ones.");
    if (refusal !== undefined) throw refusal;
    return addressOf(bytes, rawSha256);
  };
  const { target } = targetOn({ put }, { retries: 3 });
  const empty = new Uint8Array(0);
  expect(await failure(target.put(empty, await addressOf(empty, rawSha256)))).toBeInstanceOf(TargetFailure);
  await target.put(content, address);
});

test("after an abort neither an upload nor a look is a failure of the target: the reason is told", async () => {
  for (const act of [
    (target: TargetStore) => target.put(content, address),
    (target: TargetStore) => target.holds(address),
    (target: TargetStore) => target.isStored(address),
    (target: TargetStore) => target.stored(address, 100),
  ]) {
    const fail = (): Promise<never> => {
      controller.abort("gave up");
      return Promise.reject(unreachable);
    };
    const { target, controller } = targetOn({ put: fail, get: fail, has: fail });
    expect(await failure(act(target))).toBe("gave up");
  }
});

test("a target that can't say whether it has a content does not have it", async () => {
  const { target } = targetOn({ has: () => Promise.reject(unreachable) });
  expect([await target.holds(address), await target.isStored(address)]).toEqual([false, false]);
});

test("what is there is found: contents by their address, objects with their bytes, and nothing larger than is taken", async () => {
  const { target, contents } = targetOn();
  expect([await target.isStored(address), await target.stored(address, 100)]).toEqual([false, undefined]);
  await target.put(content, address);
  expect([...contents.keys()]).toEqual([`${address}`]);
  expect([await target.holds(address), await target.isStored(address)]).toEqual([true, true]);
  expect(await target.stored(address, 11)).toEqual(content);
  expect(await target.stored(address, 10)).toBeUndefined();
});

test("a target that is not asked is asked for nothing, except whether it has one content", async () => {
  const { target, contents } = targetOn({}, { resume: false });
  contents.set(`${address}`, content);
  expect([await target.isStored(address), await target.stored(address, 100)]).toEqual([false, undefined]);
  expect(await target.holds(address)).toBe(true);
});

test("after 64 objects in a row that are not there nothing more is looked for, and one that is there begins anew", async () => {
  const absent = await addressOf(new Uint8Array(1), rawSha256);
  const asked = async (pattern: readonly Address[]): Promise<boolean> => {
    const { target, contents } = targetOn();
    contents.set(`${address}`, content);
    for (const one of pattern) await target.isStored(one);
    return target.isStored(address);
  };
  const row = (count: number): Address[] => Array.from({ length: count }, () => absent);
  expect(await asked(row(63))).toBe(true);
  expect(await asked(row(64))).toBe(false);
  expect(await asked([...row(63), address, ...row(63)])).toBe(true);
});
