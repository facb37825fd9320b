// Resolvers whose watch is not there when a change comes.

import { ClosedError, type NameResolver, UnreachableError } from "@remote-log/core";
import type { NameTable } from "@remote-log/memory";
import type { Mutant } from "./mutant.ts";
import type { Service } from "./service.ts";

/** Looks at what a name holds every millisecond, from a moment on that the mutant chooses. */
async function* polling(
  table: NameTable,
  name: string,
  signal: AbortSignal | undefined,
  check: () => void = () => undefined,
): AsyncGenerator<void, void, undefined> {
  let seen = table.values.get(name);
  for (;;) {
    await after(1);
    check();
    signal?.throwIfAborted();
    const held = table.values.get(name);
    if (held !== seen) yield;
    seen = held;
  }
}

/** Watches that begin late. */
const late: readonly Mutant[] = [
  ...[0, 2, 20].map(
    (milliseconds): Mutant => ({
      fault: `subscribes ${milliseconds} ms after the first next() of a watch`,
      caughtBy: ["NS-WATCH-08", "NS-WATCH-09"],
      broken: ({ names }) => ({
        names: {
          async *watch(name, options) {
            await after(milliseconds);
            yield* names.watch!(name, options);
          },
        },
      }),
    }),
  ),
  {
    fault: "takes what it compares with at its first poll",
    caughtBy: ["NS-WATCH-08", "NS-WATCH-09"],
    broken: ({ names }, { table }) => {
      const { check, close } = closing(names);
      return {
        names: {
          async *watch(name, options) {
            await after(10);
            yield* polling(table, name, options?.signal, check);
          },
          close,
        },
      };
    },
  },
  {
    fault: "hears of its own changes at once, and of those of others when it has subscribed",
    caughtBy: ["NS-WATCH-09"],
    broken: ({ names }, { table }) => {
      const own = new Set<unknown>();
      return {
        names: {
          async *watch(name, options) {
            const began = performance.now();
            for await (const _change of names.watch!(name, options)) {
              if (performance.now() - began > 30 || own.has(table.values.get(name))) yield;
            }
          },
          async update(name, content, options) {
            const updating = names.update(name, content, options);
            own.add(table.values.get(name));
            return updating;
          },
        },
      };
    },
  },
  {
    fault: "subscribes at once and forgets what comes within its first 3 ms",
    caughtBy: ["NS-WATCH-08", "NS-WATCH-09"],
    broken: ({ names }, { table }) => ({
      names: {
        async *watch(name, options) {
          const began = performance.now();
          for await (const _change of names.watch!(name, options)) {
            if (performance.now() - began > 3 || !table.values.has(name)) yield;
          }
        },
      },
    }),
  },
];

/** Watches that go deaf. */
const deaf: readonly Mutant[] = [
  {
    fault: "goes deaf when another instance is closed",
    caughtBy: ["NS-WATCH-10"],
    broken: ({ names }, { table }) => ({
      names: {
        async *watch(name, options) {
          const closes = closesOf(table);
          const before = closes.count;
          for await (const _change of names.watch!(name, options)) if (closes.count === before) yield;
        },
        async close() {
          closesOf(table).count++;
          await names.close?.();
        },
      },
    }),
  },
  {
    fault: "waits in vain where its watch could not subscribe",
    caughtBy: ["NS-FAULT-24"],
    broken: ({ names, service }) => ({
      names: {
        async *watch(name, options) {
          const iterator = names.watch!(name, options)[Symbol.asyncIterator]();
          let next = iterator.next();
          next.catch(() => undefined); // Awaited below, unless the subscription fails.
          try {
            await subscribe(service, options?.signal);
          } catch {
            options?.signal?.throwIfAborted();
            await new Promise(() => undefined);
          }
          for (;;) {
            await next;
            yield;
            next = iterator.next();
          }
        },
      },
    }),
  },
  {
    fault: "does not take its watch up again after its connection was lost",
    caughtBy: ["NS-FAULT-18", "NS-FAULT-25"],
    broken: ({ names, service }, { table }) => {
      const { check, close } = closing(names);
      return {
        names: {
          async *watch(name, options) {
            let lost = false;
            service.cut.add(() => {
              lost = true;
            });
            for await (const _change of polling(table, name, options?.signal, check)) if (!lost) yield;
          },
          close,
        },
      };
    },
  },
  {
    fault: "takes its watch up again with what the name holds then",
    caughtBy: ["NS-FAULT-25"],
    broken: ({ names, service }, { table }) => {
      const { check, close } = closing(names);
      return {
        names: {
          async *watch(name, options) {
            for (;;) {
              let lost = false;
              service.cut.add(() => {
                lost = true;
              });
              const checkLost = (): void => {
                check();
                if (lost) throw new UnreachableError("It was cut.", { operation: "names.watch" });
              };
              try {
                yield* polling(table, name, options?.signal, checkLost);
              } catch (error) {
                if (!(error instanceof UnreachableError)) throw error;
                await after(150);
              }
            }
          },
          close,
        },
      };
    },
  },
];

/** How often instances over one table were closed. */
const closes = new WeakMap<NameTable, { count: number }>();

function closesOf(table: NameTable): { count: number } {
  const held = closes.get(table) ?? { count: 0 };
  closes.set(table, held);
  return held;
}

/** What ends the watches of a mutant when it is closed. */
function closing(names: NameResolver): { readonly check: () => void; readonly close: () => Promise<void> } {
  let closed = false;
  return {
    check() {
      if (closed) throw new ClosedError("It was closed.", { operation: "names.watch" });
    },
    async close() {
      closed = true;
      await names.close?.();
    },
  };
}

function subscribe(service: Service, signal: AbortSignal | undefined): Promise<void> {
  const closed = new AbortController().signal;
  return service.ask({ operation: "names.watch", signal, closed, work: async () => undefined });
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** Resolvers whose watches miss changes. */
export const watchMutants: readonly Mutant[] = [...late, ...deaf].map((mutant) => ({
  ...mutant,
  timeoutMs: 1_000,
}));
