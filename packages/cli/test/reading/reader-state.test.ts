// The state of rlog keeps every promise of a reader's store, in one process and between several.

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { OpenedReaderStore } from "@remote-log/conformance";
import { runReaderStoreConformance } from "@remote-log/conformance/vitest";
import type { ReaderStore } from "@remote-log/core";
import { whole } from "@remote-log/test-kit";
import { expect, onTestFinished, test } from "vitest";
import { ReaderState } from "../../src/reading/reader-state.ts";

/** For hangs alone, in milliseconds. */
const HANG_MS = 600_000;

const folder = mkdtemp(join(tmpdir(), "rlog-state-"));

async function openHere({ namespace }: { namespace: string }): Promise<OpenedReaderStore> {
  const store = await ReaderState.open(join(await folder, namespace), new AbortController().signal);
  return { store, close: () => store.close() };
}

interface Reply {
  readonly id: number;
  readonly value?: never;
  readonly error?: string;
}

/** The state in a process of its own, on the compiled package. */
async function openElsewhere({ namespace }: { namespace: string }): Promise<OpenedReaderStore> {
  const program = fileURLToPath(new URL("./state-process.mjs", import.meta.url));
  const child = fork(program, [join(await folder, namespace)], {
    serialization: "advanced",
    execArgv: [],
  });
  const gone = once(child, "close").then((): Reply => ({ id: 0, error: "The process has ended." }));
  const waiting = new Map<number, (reply: Reply) => void>();
  child.on("message", (reply: Reply) => waiting.get(reply.id)?.(reply));
  const replyTo = (id: number): Promise<Reply> =>
    Promise.race([new Promise<Reply>((resolve) => waiting.set(id, resolve)), gone]);
  const call = async (method: keyof ReaderStore | "close", words: readonly unknown[]): Promise<never> => {
    const id = waiting.size;
    const reply = replyTo(id);
    child.send({ id, method, words });
    const { value, error } = await reply;
    if (error !== undefined) throw new Error(error);
    return value as never;
  };
  const { error: failure } = await replyTo(0);
  if (failure !== undefined) throw new Error(failure);
  return {
    store: {
      get: (key) => call("get", [key]),
      put: (key, value) => call("put", [key, value]),
      compareAndSet: (key, expected, value) => call("compareAndSet", [key, expected, value]),
    },
    async close() {
      await call("close", []);
      child.kill();
      await gone;
    },
    async crash() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

runReaderStoreConformance({
  name: "the state of rlog",
  create: openHere,
  reopen: openHere,
  timeoutMs: HANG_MS / 3,
});

runReaderStoreConformance(
  {
    name: "the state of rlog, in processes of its own",
    create: openElsewhere,
    reopen: openElsewhere,
    timeoutMs: HANG_MS / 3,
    async [Symbol.asyncDispose]() {
      await rm(await folder, { recursive: true, force: true });
    },
  },
  { only: whole ? ["STORE-SHARE-02", "STORE-CRASH"] : ["STORE-CRASH"] },
);

test("whoever uses the state again and again does not keep it from others", async () => {
  const place = await mkdtemp(join(tmpdir(), "rlog-state-"));
  onTestFinished(() => rm(place, { recursive: true, force: true }));
  const [busy, other] = [await openHere({ namespace: place }), await openHere({ namespace: place })];
  let stopped = false;
  const using = (async () => {
    let uses = 0;
    for (; !stopped; uses++) await busy.store.get("key");
    return uses;
  })();
  // It waits for its turn, and need not wait for the end of the other.
  for (let i = 0; i < 3; i++) await other.store.put("key", Uint8Array.of(i));
  stopped = true;
  expect(await using).toBeGreaterThan(0);
  for (const opened of [busy, other]) await opened.close!();
});
