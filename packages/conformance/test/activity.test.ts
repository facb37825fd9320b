import { type Opened, runCase } from "@remote-log/conformance";
import type { StorageBackend } from "@remote-log/core";
import { memoryNames, memoryStorage } from "@remote-log/memory";
import { expect, test } from "vitest";
import { Activity } from "../src/activity.ts";
import type { ConformanceCase } from "../src/case.ts";

/** The time of cases that are to time out: long enough for a busy machine to come to what hangs. */
const SHORT_MS = 2_000;

const never = () => new Promise<never>(() => undefined);

function caseThat(run: ConformanceCase["run"]): ConformanceCase {
  return { id: "CAS-TEST-01", level: "MUST", title: "a test", requires: [], run };
}

/** Why a case that does this is not over in time. */
async function reasonOf(opened: Opened, run: ConformanceCase["run"]): Promise<string> {
  const fixture = { name: "hanging", create: async () => opened, limits: { timeoutMs: SHORT_MS } };
  return (await runCase(fixture, caseThat(run))).reason;
}

test("a case that hangs says which call it waits for, under which fault, and after how many requests", async () => {
  async function* list() {
    yield await never();
  }
  const faults: string[] = [];
  const opened = {
    storage: { ...memoryStorage(), list },
    requests: () => 4211,
    faults: {
      kinds: ["corrupt"],
      begin: (begun: string) => void faults.push(begun),
      end: () => void faults.push("ended"),
    },
  } as const;
  const reason = await reasonOf(opened, async ({ storage, faults: control, content }) => {
    await storage.put(content(10));
    await control.begin("corrupt");
    for await (const _address of storage.list!());
  });
  expect(reason).toBe(
    'It was not over after 2000 ms: waiting for storage.list under the fault "corrupt", after 4,211 requests.',
  );
  expect(faults).toEqual(["corrupt", "ended"]);
});

test("calls that wait side by side are counted, and those that ended are not named", async () => {
  const opened = { names: { ...memoryNames(), resolve: never } };
  const reason = await reasonOf(opened, async ({ names, name, content }) => {
    await names.update(name(), content(10), { expected: null });
    await Promise.all([names.resolve(name()), names.resolve(name())]);
  });
  expect(reason).toBe("It was not over after 2000 ms: waiting for 2 × names.resolve.");
});

test("if no call is under way, the last one is named", async () => {
  const reason = await reasonOf({ storage: memoryStorage() }, async ({ storage, content }) => {
    await storage.put(content(10));
    await never();
  });
  expect(reason).toBe(
    "It was not over after 2000 ms: waiting for no call of the adapter; the last was storage.put.",
  );
});

test("an adapter that asks again and again stops with the faults and the signal of a case that was not over", async () => {
  let asked = 0;
  let failing = false;
  let ended = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const events: string[] = [];
  const fixture = {
    name: "looping",
    limits: { timeoutMs: 500 },
    create: async ({ signal }: { signal: AbortSignal }): Promise<Opened> => {
      signal.addEventListener("abort", () => events.push("aborted"));
      async function get() {
        while (failing) {
          asked++;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        ended();
        return new Uint8Array(0);
      }
      const begin = () => {
        failing = true;
      };
      const end = () => {
        failing = false;
        events.push("fault ended");
      };
      const close = async () => void events.push("closed");
      return { storage: { ...memoryStorage(), get, close }, faults: { kinds: ["failing"], begin, end } };
    },
  };
  const one = caseThat(async ({ storage, faults, content }) => {
    const address = await storage.put(content(10));
    await faults.begin("failing");
    await storage.get(address);
  });
  expect((await runCase(fixture, one)).status).toBe("failed");
  await over;
  expect(asked).toBeGreaterThan(1);
  expect(events).toEqual(["fault ended", "aborted", "closed"]);
});

test("an adapter that is watched works as before: frozen, with private fields, without what it does not declare", async () => {
  class Private {
    readonly #inner = memoryStorage();
    readonly name = "private";
    get capabilities() {
      return { ...this.#inner.capabilities, delete: false };
    }
    put(content: Uint8Array) {
      return this.#inner.put(content);
    }
    get: StorageBackend["get"] = (address) => this.#inner.get(address);
    has: StorageBackend["has"] = (address) => this.#inner.has(address);
    async *list() {
      yield* this.#inner.list!();
    }
  }
  const { storage } = new Activity().watched({ storage: Object.freeze(new Private()) });
  const address = await storage!.put(new Uint8Array(3));
  const listed: string[] = [];
  for await (const one of storage!.list!()) listed.push(String(one));
  expect(listed).toEqual([String(address)]);
  expect([storage!.name, storage!.capabilities.delete]).toEqual(["private", false]);
  expect("delete" in storage!).toBe(false);
  expect("close" in storage!).toBe(false);
});

test.for([
  [{ storage: {} }, "storage declares no capabilities"],
  [{ names: { capabilities: null } }, "names declares no capabilities"],
  [{ storage: "a store" }, 'storage is "a store", not an object'],
] as const)("a fixture that opens %j is told what is wrong with it", async ([opened, why]) => {
  expect(await reasonOf(opened as object as Opened, async () => undefined)).toBe(
    `The fixture's create: ${why}.`,
  );
});
