// Methods of adapters beside those of the contracts, in the same shell.

import { expect, test } from "vitest";
import {
  limitCalls,
  type NameDriver,
  namesShell,
  type StorageLimits,
  storageShell,
} from "../../src/adapter/index.ts";
import { addressOf, rawSha256, type StorageBackend } from "../../src/index.ts";

const address = await addressOf(new Uint8Array(3), rawSha256);
const never = () => new Promise<never>(() => undefined);

function shellOf(limits: StorageLimits = {}) {
  return storageShell({
    name: "none",
    place: "nowhere",
    capabilities: { largestContent: 10, hashTypes: [rawSha256], readYourWrites: true },
    limits: limitCalls(limits),
    put: never,
    get: never,
    has: never,
    translate: (error) => new Error("translated", { cause: error }),
  });
}

const release = { operation: "storage.release", verb: "releasing", access: "write" } as const;

function namesOf() {
  const driver: NameDriver = {
    name: "none",
    place: "nowhere",
    capabilities: { compareAndSet: "none", readYourWrites: false, largestContent: 10 },
    update: never,
    resolve: never,
    translate: (error) => new Error("translated", { cause: error }),
  };
  return namesShell(driver);
}

test("a further method of a storage gets a checked address, a signal and words for errors", async () => {
  const { onAddress } = shellOf();
  const given = await onAddress(release, address, {}, async (checked, { signal, context }) => {
    expect(signal.aborted).toBe(false);
    expect(context).toEqual({ operation: "storage.release", action: `releasing ${address} at nowhere` });
    return checked;
  });
  expect(given).toBe(address);
  await expect(onAddress(release, "bafk…" as never, {}, never)).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
    operation: "storage.release",
  });
  const failing = onAddress(release, address, {}, () => Promise.reject(new Error("of the client")));
  await expect(failing).rejects.toThrow("translated");
});

test("a further method counts against the limits of the driver, and has a time of its own", async () => {
  const { storage, onAddress } = shellOf({ writesAtOnce: 1 });
  void storage.put(new Uint8Array(1)).catch(() => undefined);
  let isRunning = false;
  const waiting = onAddress(release, address, {}, async () => {
    isRunning = true;
  });
  const read = { ...release, access: "read" } as const;
  expect(await onAddress(read, address, {}, async () => "beside it")).toBe("beside it");
  expect(isRunning).toBe(false);
  await storage.close();
  await expect(waiting).rejects.toMatchObject({ code: "ERR_CLOSED", operation: "storage.release" });
  const timed = shellOf().onAddress({ ...release, milliseconds: 1 }, address, {}, never);
  await expect(timed).rejects.toMatchObject({
    code: "ERR_TIMEOUT",
    operation: "storage.release",
    message: `While releasing ${address} at nowhere: it gave no answer within 1 ms. The outcome of the write is unknown. Try again, or allow more time.`,
  });
});

test("an abort ends a further method with its own reason", async () => {
  const reason = new Error("enough");
  const aborted = AbortSignal.abort(reason);
  await expect(shellOf().onAddress(release, address, { signal: aborted }, never)).rejects.toBe(reason);
  const { onName } = namesOf();
  const method = { operation: "ipns.get", verb: "reading the record of" };
  await expect(onName(method, "alice", { signal: aborted }, never)).rejects.toBe(reason);
});

test("a further method of a resolver runs once its name is checked, until the resolver is closed", async () => {
  const { names, onName } = namesOf();
  const method = { operation: "ipns.get", verb: "reading the record of" };
  const shown = await onName(method, "alice", {}, async ({ context }) => context);
  expect(shown).toEqual({
    operation: "ipns.get",
    action: 'reading the record of the name "alice" at nowhere',
  });
  await expect(onName(method, "\ud800", {}, never)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  const waiting = onName(method, "alice", {}, never);
  await names.close();
  await expect(waiting).rejects.toMatchObject({ code: "ERR_CLOSED", operation: "ipns.get" });
});

test("the storage of a shell is one of the contract", () => {
  const { storage } = shellOf();
  const contract: Required<Pick<StorageBackend, "put" | "get" | "has" | "close">> = storage;
  expect(Object.keys(contract)).toEqual(["name", "capabilities", "put", "get", "has", "close"]);
});
