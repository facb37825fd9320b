import { isRemoteLogError } from "@remote-log/core";
import { memoryNames, memoryRemote, memoryStorage, NameTable } from "@remote-log/memory";
import { expect, test } from "vitest";

test("a remote has the label that it was given, and two remotes share nothing", async () => {
  const [one, other] = [memoryRemote({ label: "one" }), memoryRemote()];
  expect([one.label, other.label]).toEqual(["one", "memory"]);
  const address = await one.storage.put(new Uint8Array([1]));
  await one.names.update("name", new Uint8Array([1]), { expected: null });
  expect(await other.storage.has(address)).toBe(false);
  expect(await other.names.resolve("name")).toEqual({ status: "absent" });
});

test("the limits are 16 MiB and 1 MiB, or what the options say", () => {
  expect(memoryStorage().capabilities.largestContent).toBe(16 * 1024 * 1024);
  expect(memoryNames().capabilities.largestContent).toBe(1024 * 1024);
  expect(memoryStorage({ largestContent: 10 }).capabilities.largestContent).toBe(10);
  expect(memoryNames({ largestContent: 10 }).capabilities.largestContent).toBe(10);
});

test("what it can do is said", () => {
  expect(memoryStorage().capabilities).toMatchObject({ readYourWrites: true, delete: true, list: true });
  const promises = { compareAndSet: "atomic", readYourWrites: true, watch: true };
  expect(memoryNames().capabilities).toMatchObject(promises);
});

test("a wrong option is refused in the name of what was called", () => {
  const options = { label: 1, largestContent: "1" } as never;
  for (const [name, open] of Object.entries({ memoryRemote, memoryStorage, memoryNames }))
    expect(() => open(options)).toThrow(name);
});

test("revisions count from 1", async () => {
  const names = memoryNames();
  expect(await names.update("name", new Uint8Array(0), { expected: null })).toBe("1");
  expect(await names.update("name", new Uint8Array(0), { expected: "1" })).toBe("2");
});

test("a watch wakes up at the update of another instance over the same table", async () => {
  const table = new NameTable();
  const watching = memoryNames({ table }).watch!("name")[Symbol.asyncIterator]();
  const waking = watching.next();
  await memoryNames({ table }).update("name", new Uint8Array(0), { expected: null });
  expect(await waking).toEqual({ done: false, value: undefined });
});

test("a watch leaves no listener on the signal, however it ends", async () => {
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  const names = memoryNames();
  const left = names.watch!("name", { signal })[Symbol.asyncIterator]();
  const waking = left.next();
  await names.update("name", new Uint8Array(0), { expected: null });
  await waking;
  await left.return?.();
  expect(listeners).toBe(0);
  const closed = names.watch!("name", { signal })[Symbol.asyncIterator]().next();
  await names.close?.();
  await expect(closed).rejects.toSatisfy((error) => isRemoteLogError(error) && error.code === "ERR_CLOSED");
  expect(listeners).toBe(0);
});

test("a signal ends every watch that has it, also when another one with it has ended before", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const names = memoryNames();
  const watch = () => names.watch!("name", { signal })[Symbol.asyncIterator]();
  const [left, kept] = [watch(), watch()];
  const woken = [left.next(), kept.next()];
  await names.update("name", new Uint8Array(0), { expected: null });
  await Promise.all(woken);
  const waiting = kept.next();
  await left.return?.();
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});
