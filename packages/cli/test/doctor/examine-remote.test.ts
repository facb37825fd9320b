import { generateSeed, openWriter, type Remote, UnreachableError } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { afterEach, expect, test, vi } from "vitest";
import { examineRemote } from "../../src/doctor/examine-remote.ts";
import { registerScheme } from "../../src/remotes/registry.ts";

const { signal } = new AbortController();
const logId = "0".repeat(64);

afterEach(() => void vi.restoreAllMocks());

/** A remote that holds a log of 100 entries. */
async function remoteWithLog(): Promise<{ readonly remote: Remote; readonly logId: string }> {
  const remote = memoryRemote();
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  await using writer = await openWriter({
    seed: generateSeed(),
    journal,
    remotes: [remote],
    publish: "manual",
  });
  for (let i = 0; i < 100; i++) void writer.append(new Uint8Array(8).fill(i));
  await writer.publish();
  return { remote, logId: writer.logId };
}

test("a stranger's kind of remote tells of its service, and where that fails it is told, too", async () => {
  const charged = { facts: ["battery at 90 %"], findings: [], details: { battery: 0.9 } };
  const kinds = { open: () => memoryRemote() };
  registerScheme("charged", { ...kinds, checkup: async () => charged });
  registerScheme("broken", { ...kinds, checkup: () => Promise.reject(new Error("no\nbattery")) });
  const examine = (uri: string) => examineRemote({ label: "it", uri }, { logId, context: { logId }, signal });
  expect(await examine("charged:1")).toMatchObject({ reached: true, ...charged });
  expect(await examine("broken:1")).toMatchObject({
    reached: true,
    findings: [{ code: "ERR_UNKNOWN", message: "no battery" }],
  });
});

test("reads that fail now and then are no lack of the remote, and each page is read once", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const { remote, logId } = await remoteWithLog();
  const asked = new Map<string, number>();
  let failing = 0;
  const { storage } = remote;
  const get: typeof storage.get = (address, options) => {
    const times = asked.get(`${address}`) ?? 0;
    asked.set(`${address}`, times + 1);
    if (times >= failing) return storage.get(address, options);
    return Promise.reject(new UnreachableError("The service is busy.", { operation: "storage.get" }));
  };
  const close = async (): Promise<void> => undefined;
  const changed = <T extends object>(half: T, changes: Partial<T>): T =>
    Object.assign(Object.create(half) as T, changes);
  const names = changed(remote.names, { close });
  registerScheme("now-and-then", () => ({ ...remote, names, storage: changed(storage, { get, close }) }));
  const context = { logId };
  const place = { label: "it", uri: "now-and-then:1" };
  const examine = () => examineRemote(place, { logId, whole: true, context, signal });
  expect(await examine()).toMatchObject({ reached: true, size: 100, findings: [] });
  expect([...asked.values()].filter((times) => times > 1)).toEqual([]);
  // Four failures before each success: a reader gets over six.
  asked.clear();
  failing = 4;
  expect(await examine()).toMatchObject({ reached: true, size: 100, findings: [] });
  failing = Number.POSITIVE_INFINITY;
  const { findings } = await examine();
  expect(findings).toMatchObject([{ code: "ERR_UNREACHABLE" }]);
  expect(findings[0]!.message).toContain("It was tried 7 times.");
});
