import { runs, sample } from "@remote-log/test-kit";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Command, CrashingDevice, crashSystems } from "./crashing-device.ts";

const append = (count: number): Command => ({ kind: "append", count });
const publish: Command = { kind: "publish" };
const reopen: Command = { kind: "reopen" };
const remove = (at: number): Command => ({ kind: "remove", at });
const schedule = [append(3), publish, append(1), publish, reopen, append(4), append(2), publish, publish];

test.each(Object.keys(crashSystems))(
  "a power cut after any step of a schedule loses nothing, doubles nothing and signs no second history (%s)",
  async (system) => {
    const steps = await new CrashingDevice(crashSystems[system]!()).run(schedule, []);
    expect(steps).toBeGreaterThan(60);
    for (const after of sample(
      system,
      Array.from({ length: steps }, (_, step) => step),
      20,
    )) {
      for (const spared of [0, 100]) {
        await new CrashingDevice(crashSystems[system]!()).run(schedule, [{ after, spared }]);
      }
    }
  },
);

const snapshot: Command = { kind: "snapshot" };
const say: Command = { kind: "say" };
const said = [append(2), snapshot, publish, say, say, publish, reopen, say, publish];

test.each(Object.keys(crashSystems))("so it is with what the log says of itself (%s)", async (system) => {
  const steps = await new CrashingDevice(crashSystems[system]!()).run(said, []);
  expect(steps).toBeGreaterThan(30);
  const after = sample(
    system,
    Array.from({ length: steps }, (_, step) => step),
    6,
  );
  for (const [i, step] of after.entries()) {
    const spared = i % 2 === 0 ? 0 : 100;
    await new CrashingDevice(crashSystems[system]!()).run(said, [{ after: step, spared }]);
  }
});

test.each([
  ["compare-and-set", 20],
  ["compare-and-set, and heads that are objects", 12],
] as const)(
  "a removal that a power cut ends at any step is finished, and no reader ever sees a content withheld (%s)",
  async (system, tries) => {
    const removing = [
      append(9),
      publish,
      remove(0.3),
      publish,
      append(2),
      remove(0.9),
      remove(0),
      reopen,
      publish,
    ];
    const steps = await new CrashingDevice(crashSystems[system]!()).run(removing, []);
    expect(steps).toBeGreaterThan(100);
    const cuts = Array.from({ length: steps }, (_, step) => step);
    for (const after of sample(`removal ${system}`, cuts, tries)) {
      const spared = [0, 1, 100][after % 3]!;
      await new CrashingDevice(crashSystems[system]!()).run(removing, [{ after, spared }]);
    }
  },
);

// The newest snapshot was durable and not acknowledged when it was removed.
const removedUnacknowledged: [string, Command[], { after: number; spared: number }[]] = [
  "compare-and-set",
  [append(2), publish, append(1), publish, snapshot, remove(0), snapshot, remove(0.8)],
  [8, 39, 1].map((after) => ({ after, spared: 0 })),
];

// A bundle that nothing leads to had the contents of a page that is stored.
const removedFromStored: typeof removedUnacknowledged = [
  "compare-and-set",
  [append(3), publish, append(4), publish, remove(0)],
  [{ after: 37, spared: 0 }],
];

// A page by itself, which was sent and not noted, is in a bundle since: entry 1 is in both.
const removedFromBundled: typeof removedUnacknowledged = [
  "compare-and-set",
  [append(2), append(3), publish, append(2), publish, remove(0), publish],
  [
    { after: 21, spared: 0 },
    { after: 1, spared: 0 },
  ],
];

test("power cuts upon power cuts, in random schedules, lose, double and fork nothing", async () => {
  const command: fc.Arbitrary<Command> = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 5 }).map(append) },
    { weight: 3, arbitrary: fc.constant(publish) },
    { weight: 1, arbitrary: fc.constantFrom(snapshot, say) },
    { weight: 1, arbitrary: fc.constant(reopen) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 0.999, noNaN: true }).map(remove) },
  );
  const cut = fc.record({ after: fc.integer({ min: 0, max: 60 }), spared: fc.integer({ min: 0, max: 6 }) });
  const trying = fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(crashSystems)),
      fc.array(command, { minLength: 1, maxLength: 14 }),
      fc.array(cut, { minLength: 1, maxLength: 6 }),
      async (system, commands, cuts) => {
        await new CrashingDevice(crashSystems[system]!()).run(commands, cuts);
      },
    ),
    { numRuns: runs(6, 150), examples: [removedUnacknowledged, removedFromStored, removedFromBundled] },
  );
  await expect(trying).resolves.toBeUndefined();
});
