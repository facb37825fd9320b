import {
  type Call,
  failureOf,
  type NameDriver,
  type OperationContext,
  type StorageDriver,
} from "../../src/adapter/index.ts";
import { addressOf, rawSha256 } from "../../src/index.ts";

const translate = (cause: unknown, context: OperationContext): unknown =>
  failureOf("unreachable", context, { cause });

/** A driver over a map, of which a test replaces what it is about; `calls` counts what reached it. */
export function storageDriver<Changed extends Partial<StorageDriver>>(changed?: Changed) {
  const held = new Map<string, Uint8Array>();
  let calls = 0;
  const driver = {
    name: "fake",
    place: "the fake service",
    capabilities: { largestContent: 100, hashTypes: [rawSha256], readYourWrites: true },
    async put(content: Uint8Array, _call: Call) {
      calls++;
      const address = await addressOf(content, rawSha256);
      held.set(`${address}`, content);
      return address;
    },
    async get(address: object, _limit: number, _call: Call): Promise<Uint8Array | undefined> {
      calls++;
      return held.get(`${address}`);
    },
    async has(address: object, _call: Call) {
      calls++;
      return held.has(`${address}`);
    },
    translate,
    ...changed,
  } satisfies StorageDriver;
  return { driver: driver as typeof driver & Changed, held, calls: () => calls };
}

/** The same for names. */
export function nameDriver<Changed extends Partial<NameDriver>>(changed?: Changed) {
  const held = new Map<string, { content: Uint8Array; revision: string }>();
  let calls = 0;
  const driver = {
    name: "fake",
    place: "the fake service",
    capabilities: { compareAndSet: "atomic" as const, readYourWrites: true, largestContent: 100 },
    async update(name: string, content: Uint8Array, expected: string | null, _call: Call) {
      calls++;
      const before = held.get(name)?.revision ?? null;
      if (before !== expected) return undefined;
      const revision = String(Number(before) + 1);
      held.set(name, { content, revision });
      return revision;
    },
    async resolve(name: string) {
      calls++;
      const found = held.get(name);
      return found === undefined
        ? { status: "absent" as const }
        : { status: "found" as const, content: found.content, revision: found.revision };
    },
    translate,
    ...changed,
  } satisfies NameDriver;
  return { driver: driver as typeof driver & Changed, held, calls: () => calls };
}

export const never = (): Promise<never> => new Promise(() => undefined);
