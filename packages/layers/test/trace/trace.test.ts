import { AsyncLocalStorage } from "node:async_hooks";
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { addressOf, type Remote, rawSha256, UnreachableError } from "@remote-log/core";
import { type Layer, type TraceEvent, trace } from "@remote-log/layers";
import { diagnostics } from "@remote-log/layers/diagnostics";
import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { describe, expect, test } from "vitest";
import { fakeStorage } from "../fake-remote.ts";

const secret = new TextEncoder().encode("the content is secret");
const address = await addressOf(secret, rawSha256);

/** A remote of which a part fails, with a message and a cause that nobody may see in a trace. */
function failingRemote(): Remote {
  const cause = new Error("Authorization: Bearer secret-token");
  const error = new UnreachableError("No answer from https://user:secret-password@host.", {
    operation: "storage.get",
    reason: "tls",
    cause,
  });
  return { ...memoryRemote({ label: "box" }), storage: fakeStorage({ get: () => Promise.reject(error) }) };
}

/** Calls everything once. */
async function callAll({ storage, names }: Remote): Promise<void> {
  await storage.put(secret);
  await storage.has(address);
  await failure(storage.get(address));
  for await (const _ of storage.list!()) break;
  await names.update("a secret name", secret, { expected: null });
  await names.resolve("a secret name");
  await storage.delete!(address);
}

const withoutSecrets = (told: unknown): void => {
  expect(JSON.stringify(told)).not.toMatch(/secret|token|password|host|bafk/);
};

describe("trace", () => {
  test("tells when a call begins and how it ended, and nothing that is secret", async () => {
    const events: TraceEvent[] = [];
    await callAll(trace((event) => events.push(event))(failingRemote()));
    withoutSecrets(events);
    const ends = events.filter((event) => event.phase === "end");
    expect(
      ends.map(({ operation, label, outcome, bytesSent, bytesReceived, items, error }) => ({
        ...{ operation, label, outcome, bytesSent, bytesReceived, items, error },
      })),
    ).toEqual([
      { ...end("storage.put"), bytesSent: secret.length },
      end("storage.has"),
      {
        ...end("storage.get"),
        outcome: "failed",
        error: { code: "ERR_UNREACHABLE", reason: "tls", retry: "safe" },
      },
      { ...end("storage.list"), items: 1 },
      { ...end("names.update"), bytesSent: secret.length },
      { ...end("names.resolve"), bytesReceived: secret.length },
      end("storage.delete"),
    ]);
    for (const { id, operation, milliseconds } of ends) {
      const begins = events.filter((event) => event.phase === "begin" && event.id === id);
      expect(begins).toEqual([expect.objectContaining({ operation, label: "box" })]);
      expect(milliseconds).toBeGreaterThanOrEqual(0);
    }

    function end(operation: string) {
      const nothing = { bytesSent: 0, bytesReceived: 0, items: undefined, error: undefined };
      return { operation, label: "box", outcome: "ok", ...nothing };
    }
  });

  test("tells what a caller gave up from what failed, and errors of other code by their class", async () => {
    const events: TraceEvent[] = [];
    const layer = trace((event) => events.push(event));
    const storage = layer(fakeStorage({ get: () => Promise.reject(new RangeError("no")) }));
    await failure(storage.get(address));
    const controller = new AbortController();
    controller.abort(new Error("enough"));
    await failure(storage.put(secret, { signal: controller.signal }));
    await storage.close!();
    await failure(storage.put(secret));
    const watching = layer(memoryRemote().names).watch!("name", { signal: controller.signal });
    await failure(watching[Symbol.asyncIterator]().next());
    const ends = events.filter((event) => event.phase === "end");
    expect(ends.map(({ outcome, error }) => [outcome, error?.code])).toEqual([
      ["failed", "RangeError"],
      ["aborted", "Error"],
      ["failed", "ERR_CLOSED"],
      ["aborted", "Error"],
    ]);
  });

  test("passes on what the inner storage is given and gives, the very same bytes", async () => {
    const given: unknown[] = [];
    const answer = new Uint8Array([1]);
    const inner = fakeStorage({
      get: async () => answer,
      put: async (content) => {
        given.push(content);
        return address;
      },
    });
    const storage = trace(() => undefined)(inner);
    expect(await storage.get(address)).toBe(answer);
    await storage.put(secret);
    expect(given[0]).toBe(secret);
  });

  test("takes a function alone", () => {
    for (const wrong of [undefined, {}, "log"]) expect(() => trace(wrong as never)).toThrow("listener");
  });
});

describe("diagnostics", () => {
  const NAMES = ["start", "end", "asyncStart", "asyncEnd", "error"];

  async function heard(layer: Layer): Promise<[string, Record<string, unknown>][]> {
    const messages: [string, Record<string, unknown>][] = [];
    const listeners = ["storage", "names"].flatMap((half) =>
      NAMES.map((name): [string, (message: unknown) => void] => [
        `tracing:remote-log:${half}:${name}`,
        (message) => messages.push([`${half}:${name}`, { ...(message as object) }]),
      ]),
    );
    for (const [name, listener] of listeners) subscribe(name, listener);
    try {
      await callAll(layer(failingRemote()));
    } finally {
      for (const [name, listener] of listeners) unsubscribe(name, listener);
    }
    return messages;
  }

  test("publishes on tracing channels, one message for all events of a call, and nothing that is secret", async () => {
    const messages = await heard(diagnostics());
    withoutSecrets(messages);
    expect(messages.map(([name]) => name).slice(0, 4)).toEqual([
      ...["storage:start", "storage:end", "storage:asyncStart", "storage:asyncEnd"],
    ]);
    const failed = messages.filter(([, { operation }]) => operation === "storage.get");
    expect(failed.map(([name]) => name)).toEqual(
      ["start", "end", "error", "asyncStart", "asyncEnd"].map((name) => `storage:${name}`),
    );
    expect(failed[4]![1]).toMatchObject({
      outcome: "failed",
      error: { code: "ERR_UNREACHABLE" },
      label: "box",
    });
    expect(
      messages.some(([name, { operation }]) => name === "names:asyncEnd" && operation === "names.resolve"),
    ).toBe(true);
  });

  test("a store that is bound to the start holds while the call runs", async () => {
    const storage = new AsyncLocalStorage<string>();
    const start = channel("tracing:remote-log:storage:start");
    start.bindStore(storage, (message) => (message as { operation: string }).operation);
    const listener = (): void => undefined;
    subscribe("tracing:remote-log:storage:start", listener);
    try {
      let seen: string | undefined;
      const inner = fakeStorage({
        has: async () => {
          await Promise.resolve();
          seen = storage.getStore();
          return true;
        },
      });
      expect(await diagnostics()(inner).has(address)).toBe(true);
      expect([seen, storage.getStore()]).toEqual(["storage.has", undefined]);
    } finally {
      unsubscribe("tracing:remote-log:storage:start", listener);
      start.unbindStore(storage);
    }
  });

  test("without a listener, calls go through as they are", async () => {
    const { storage } = diagnostics()(memoryRemote());
    expect(await storage.get(await storage.put(secret))).toEqual(secret);
  });
});
