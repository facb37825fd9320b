// A store that keeps every promise, for mutants to break: in memory, closed and ended like a process.

import type { OpenedReaderStore, ReaderStoreFixture } from "@remote-log/conformance";
import type { OperationOptions, ReaderStore } from "@remote-log/core";
import { CASE_MS } from "../../patience.ts";

/** What a mutant may break. */
export interface Sound {
  readonly store: ReaderStore;
  /** What all instances of a place share. */
  readonly values: Map<string, Uint8Array>;
  /** Whether the instance was closed or ended. */
  readonly ended: () => boolean;
}

/** A store with one fault, and the cases that have to find it. */
export interface StoreMutant {
  /** What is wrong with it. */
  readonly fault: string;
  /** The ids that must fail. */
  readonly caughtBy: readonly string[];
  /** Whether it makes a case wait in vain: then the case is given little time. Default: false. */
  readonly hangs?: boolean;
  /** Breaks a sound store: gives what differs. Called for every instance. */
  broken(sound: Sound): Partial<ReaderStore>;
}

/** Whether two values are the same; `undefined` is none. */
export const isSame = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a?.length === b?.length && (a === undefined || a.every((byte, i) => byte === b![i]));

/** Copies bytes, also those of a Node Buffer. */
export const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

/** As long as the others of its kind: a turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** How long a case may take with a store that hangs, in milliseconds. */
const HANGING_MS = 400;

/** The fixture of a mutant; of one that breaks nothing, the sound store itself. */
export function storeFixtureOf({ fault, broken, hangs }: Omit<StoreMutant, "caughtBy">): ReaderStoreFixture {
  const places = new Map<string, Map<string, Uint8Array>>();
  const open = async ({ namespace }: { namespace: string }): Promise<OpenedReaderStore> => {
    const values = places.get(namespace) ?? new Map<string, Uint8Array>();
    places.set(namespace, values);
    let isOver = false;
    const work = async <T>({ signal }: OperationOptions = {}, step: () => T): Promise<T> => {
      signal?.throwIfAborted();
      if (isOver) throw new Error("The store was closed.");
      await turn();
      if (isOver) throw new Error("The store has ended.");
      return step();
    };
    const store: ReaderStore = {
      get: (key, options) =>
        work(options, () => {
          const value = values.get(key);
          return value && copyOf(value);
        }),
      put(key, value, options) {
        const copy = copyOf(value);
        return work(options, () => void values.set(key, copy));
      },
      compareAndSet(key, expected, value, options) {
        const [before, copy] = [expected && copyOf(expected), copyOf(value)];
        return work(options, () => isSame(values.get(key), before) && values.set(key, copy) === values);
      },
    };
    const end = async (): Promise<void> => {
      isOver = true;
    };
    const sound: Sound = { store, values, ended: () => isOver };
    return { store: { ...store, ...broken(sound) }, close: end, crash: end };
  };
  return { name: fault, create: open, reopen: open, timeoutMs: hangs ? HANGING_MS : CASE_MS };
}
