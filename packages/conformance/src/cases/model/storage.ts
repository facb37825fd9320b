// CAS-MODEL: any sequence of put, get, has, delete and list, compared with a map.

import { type Address, addressOf, type StorageBackend } from "@remote-log/core";
import * as fc from "fast-check";
import { equal, fail, outcomeOf, sameBytes, show } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { isMissingNow } from "../storage/absence.ts";
import { type Comparison, command, compareWithModel, type ModelCommand } from "./run-model.ts";

/** How many contents one sequence is about: few, so that operations meet. */
const CONTENTS = 2;

/** The contents of one sequence, and which of them are stored. */
interface Model {
  readonly contents: readonly { readonly bytes: Uint8Array; readonly address: Address }[];
  readonly stored: Set<number>;
}

/** The instance that is open at the moment. */
interface Real {
  storage: StorageBackend;
}

type StorageCommand = ModelCommand<Model, Real>;

/** A storage is a map, whatever is done to it in whatever order. */
export const storageModelCases: readonly ConformanceCase[] = [
  {
    id: "CAS-MODEL-01",
    level: "MUST",
    title: "after any sequence of put, get, has, delete and list the storage holds what a map would hold",
    requires: ["storage"],
    run: (context) => compareWithModel(context, comparisonOf(context, [])),
  },
  {
    id: "CAS-MODEL-02",
    level: "MUST",
    title: "it holds the same where it is closed and opened again between any two of them",
    requires: ["storage", "reopen"],
    run: (context) => compareWithModel(context, comparisonOf(context, [reopens(context)])),
  },
];

function comparisonOf(
  context: CaseContext,
  further: readonly fc.Arbitrary<StorageCommand>[],
): Comparison<Model, Real, number[]> {
  const { delete: deletes, list, largestContent, hashTypes } = context.storage.capabilities;
  const limit = Math.min(largestContent, context.limits.largestProbe);
  // Of 16 bytes at least, so that no two contents of a run are the same.
  const size = fc
    .oneof(
      { withCrossShrink: true },
      { weight: 12, arbitrary: fc.integer({ min: 16, max: 300 }) },
      { weight: 2, arbitrary: fc.integer({ min: 4000, max: 5000 }) },
      { weight: 1, arbitrary: fc.constant(65_537) },
    )
    .map((bytes) => Math.min(bytes, limit));
  const which = fc.nat({ max: CONTENTS - 1 });
  const checks = checksOf(context);
  // One for all sequences: the next one continues with what one of them opened.
  const real: Real = { storage: context.storage };
  return {
    side: "storage",
    start: fc.array(size, { minLength: CONTENTS, maxLength: CONTENTS }),
    describe: (sizes) => ` with contents of ${sizes.join(" and ")} bytes`,
    // Twice what changes something, so that sequences get far.
    commands: [
      ...[which.map(put), which.map(put)],
      ...(deletes ? [which.map(remove), which.map(remove)] : []),
      which.map((i) => command(`get(${i})`, (model, { storage }) => checks.get(model, storage, i))),
      which.map((i) => command(`has(${i})`, (model, { storage }) => checks.has(model, storage, i))),
      ...(list
        ? [fc.constant(command<Model, Real>("list", (model, { storage }) => checks.list(model, storage)))]
        : []),
      ...further,
    ],
    async setup(sizes) {
      const made = sizes.map((bytes) => context.content(bytes));
      const contents = await Promise.all(
        made.map(async (bytes) => ({ bytes, address: await addressOf(bytes, hashTypes[0]!) })),
      );
      return { model: { contents, stored: new Set() }, real };
    },
    async finish(model, { storage }) {
      for (let i = 0; i < CONTENTS; i++) await checks.get(model, storage, i);
      if (list) await checks.list(model, storage);
    },
  };
}

function put(i: number): StorageCommand {
  return command(`put(${i})`, async ({ contents, stored }, { storage }) => {
    const { bytes, address } = contents[i]!;
    equal(String(await storage.put(bytes)), String(address), `the address that put(${i}) gave`);
    stored.add(i);
  });
}

function remove(i: number): StorageCommand {
  return command(`delete(${i})`, async ({ contents, stored }, { storage }) => {
    await storage.delete?.(contents[i]!.address);
    stored.delete(i);
  });
}

function reopens(context: CaseContext): fc.Arbitrary<StorageCommand> {
  return fc.constant(
    command("reopen", async (_model, real) => {
      await real.storage.close?.();
      real.storage = (await context.reopen()).storage;
    }),
  );
}

/** What has to be true of a storage, by the model. */
function checksOf({ settled }: CaseContext) {
  return {
    get: ({ contents, stored }: Model, storage: StorageBackend, i: number): Promise<void> =>
      settled("storage", async () => {
        const { bytes, address } = contents[i]!;
        if (!stored.has(i)) return isMissingNow(storage, address, `get(${i}) of what is not stored`);
        const outcome = await outcomeOf(storage.get(address));
        if (outcome.status === "fulfilled") sameBytes(outcome.value, bytes, `what get(${i}) gave`);
        else fail(`get(${i}) of what is stored: rejected with ${show(outcome.reason)}`, outcome.reason);
      }),

    has: ({ contents, stored }: Model, storage: StorageBackend, i: number): Promise<void> =>
      settled("storage", async () =>
        equal(await storage.has(contents[i]!.address), stored.has(i), `what has(${i}) gave`),
      ),

    list: ({ contents, stored }: Model, storage: StorageBackend): Promise<void> =>
      settled("storage", async () => {
        const counts = new Map<string, number>();
        for await (const address of storage.list?.() ?? []) {
          counts.set(String(address), (counts.get(String(address)) ?? 0) + 1);
        }
        for (const [i, { address }] of contents.entries()) {
          const times = counts.get(String(address)) ?? 0;
          equal(times, stored.has(i) ? 1 : 0, `how often list gave content ${i}`);
        }
      }),
  };
}
