import { InvalidInputError, type NameResolver, type StorageBackend } from "@remote-log/core";
import { cache, type Layer, limit, memoryCache, retry, stack, trace } from "@remote-log/layers";
import { diagnostics } from "@remote-log/layers/diagnostics";
import { openTelemetry } from "@remote-log/layers/opentelemetry";
import { memoryNames, memoryRemote, memoryStorage } from "@remote-log/memory";
import { describe, expect, test } from "vitest";
import { fakeNames, fakeStorage } from "./fake-remote.ts";

const layers: Readonly<Record<string, () => Layer>> = {
  retry: () => retry(),
  limit: () => limit({ concurrency: 2, callsPerSecond: 1000, bytesPerSecond: 1000, milliseconds: 60_000 }),
  cache: () => cache({ store: memoryCache(), offline: true }),
  trace: () => trace(() => undefined),
  diagnostics: () => diagnostics(),
  openTelemetry: () => openTelemetry(),
  stack: () => stack(retry(), limit({})),
};

function only<T extends object, K extends keyof T>(whole: T, ...keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, whole[key]])) as Pick<T, K>;
}

const address = await memoryStorage().put(new Uint8Array([1]));

describe.each(Object.entries(layers))("%s", (_, layer) => {
  test("has the methods that the inner one has, and no others", () => {
    const bare = only(memoryStorage(), "name", "capabilities", "put", "get", "has");
    expect(Object.keys(layer()(bare)).sort()).toEqual(Object.keys(bare).sort());
    const more = { putMany: async () => [], release: async () => undefined };
    const whole: StorageBackend = { ...memoryStorage(), ...more };
    expect(Object.keys(layer()(whole)).sort()).toEqual(Object.keys(whole).sort());
    const bareNames = only(memoryNames(), "name", "capabilities", "update", "resolve");
    expect(Object.keys(layer()(bareNames)).sort()).toEqual(Object.keys(bareNames).sort());
    const probed: NameResolver = { ...memoryNames(), probeCompareAndSet: async () => "atomic" as const };
    expect(Object.keys(layer()(probed)).sort()).toEqual(Object.keys(probed).sort());
  });

  test("passes on what it is called with, what comes back, and what is declared", async () => {
    const outcomes = [{ status: "fulfilled" as const, value: address }];
    const given: unknown[] = [];
    const note =
      <T>(answer: T) =>
      async (...args: unknown[]): Promise<T> => {
        given.push(...args);
        return answer;
      };
    const inner = fakeStorage({
      putMany: note(outcomes),
      release: note(undefined),
      get: note(new Uint8Array([7])),
      has: note(true),
      delete: note(undefined),
    });
    const outer = layer()(inner);
    expect(outer.capabilities).toBe(inner.capabilities);
    const { signal } = new AbortController();
    const contents = [new Uint8Array([1])];
    expect(await outer.putMany!(contents)).toBe(outcomes);
    expect(await outer.get(address, { maxBytes: 9, range: { offset: 0, length: 1 } })).toEqual(
      new Uint8Array([7]),
    );
    expect(await outer.has(address, { signal })).toBe(true);
    await outer.release!(address);
    await outer.delete!(address);
    expect(given[0]).toEqual(contents);
    expect(given.find((one) => (one as { maxBytes?: number })?.maxBytes === 9)).toMatchObject({
      range: { offset: 0, length: 1 },
    });
    const names = fakeNames({ probeCompareAndSet: async () => "none" });
    const outerNames = layer()(names);
    expect(outerNames.capabilities).toBe(names.capabilities);
    expect(await outerNames.probeCompareAndSet!()).toBe("none");
    const revision = await outerNames.update("name", new Uint8Array([1]), { expected: null });
    expect(await outerNames.resolve("name", { known: revision })).toEqual({ status: "unchanged", revision });
  });

  test("closes the inner one, once it is closed itself", async () => {
    const [storage, names] = [fakeStorage(), fakeNames()];
    await layer()(storage).close!();
    await layer()(names).close!();
    expect([storage.calls, names.calls]).toEqual([["close"], ["close"]]);
  });

  test("goes around a remote, which keeps all else", () => {
    const remote = { ...memoryRemote({ label: "one" }), name: "other", further: 1 };
    const wrapped = layer()(remote);
    expect(wrapped).toMatchObject({ label: "one", name: "other", further: 1 });
    expect([wrapped.storage === remote.storage, wrapped.names === remote.names]).toEqual([false, false]);
    expect(Object.keys(wrapped).sort()).toEqual(Object.keys(remote).sort());
  });

  test("copies bytes that it may send later", async () => {
    const content = new Uint8Array([1, 2, 3]);
    const storage = layer()(memoryStorage());
    const stored = storage.put(content);
    content.fill(9);
    expect(await storage.get(await stored)).toEqual(new Uint8Array([1, 2, 3]));
  });
});

test("what is no remote is refused", () => {
  for (const wrong of [undefined, null, 1, {}, { storage: memoryStorage() }, { put: 1, get: 1 }])
    expect(() => retry()(wrong as never)).toThrow(InvalidInputError);
});

test("of a stack, the first layer is the outermost", async () => {
  const order: string[] = [];
  const named = (name: string): Layer => {
    const layer = (inner: StorageBackend): StorageBackend => ({
      ...inner,
      has: async (...args) => {
        order.push(name);
        return inner.has(...args);
      },
    });
    return layer as Layer;
  };
  await stack(named("first"), named("second"))(memoryStorage()).has(address);
  expect(order).toEqual(["first", "second"]);
  const storage = memoryStorage();
  expect(stack()(storage)).toBe(storage);
});
