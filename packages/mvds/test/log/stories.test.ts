import { runs } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Device } from "./devices.ts";
import { places } from "./places.ts";

const names = ["alice", "bob", "carol"];

test("whoever is online when, and whatever is sent: every message arrives once, and nothing waits in the end", async () => {
  const visit = fc.record({ who: fc.nat(2), messages: fc.nat(2) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(visit, { maxLength: 8 }),
      fc.constantFrom<"eventual" | "consistent">("eventual", "consistent"),
      fc.boolean(),
      async (visits, order, relay) => {
        const all = await Device.group(names, { remoteOf: places(), node: { order, relay } });
        let sent = 0;
        for (const { who, messages } of visits)
          await all[who]!.send(all, ...Array.from({ length: messages }, () => `${sent++} ${names[who]}`));
        // Each sees what the others said last.
        for (let round = 0; round < 3; round++) for (const device of all) await device.send(all);
        for (const { name, delivered } of all) {
          const foreign = Array.from({ length: sent }, (_, i) => i).filter(
            (i) => !delivered.some((text) => text.startsWith(`${i} `)),
          );
          expect(new Set(delivered).size).toBe(delivered.length);
          expect(foreign.length + delivered.length).toBe(sent);
          expect(delivered.some((text) => text.endsWith(` ${name}`))).toBe(false);
        }
        expect(all.reduce((sum, { delivered }) => sum + delivered.length, 0)).toBe(2 * sent);
        for (const device of all) {
          await device.online(all, async ({ node }) => {
            await node.syncLogs();
            expect(node.status()).toMatchObject({ waiting: {}, undelivered: 0, unlogged: 0 });
          });
        }
      },
    ),
    { numRuns: runs(1, 60) },
  );
});
