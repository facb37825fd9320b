import { expect, test } from "vitest";
import { generateSeed, openWriter } from "../../src/index.ts";
import { text } from "../writer/log-contents.ts";
import { PowerCutDatabase } from "../writer/power-cut-database.ts";

test("opening a log reads no more than the newest 1,100 entries, whatever its length", async () => {
  const seed = generateSeed();
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ settings: { visibility: "public" }, seed, journal });
  let size = 0;
  for (const goal of [1_000, 1_023, 1_024, 5_000, 20_479, 99_999, 100_000]) {
    while (size < goal) {
      const count = Math.min(goal - size, 777);
      await writer.appendAll(Array.from({ length: count }, (_, i) => text(`entry ${size + i}`)));
      size += count;
    }
    const copy = new PowerCutDatabase(journal.afterPowerCut());
    const opened = await openWriter({ settings: { visibility: "public" }, seed, journal: copy });
    expect(opened.size).toBe(goal);
    expect(copy.iterated).toBeLessThanOrEqual(1_100);
  }
});
