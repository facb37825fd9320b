// What docs/costs.md says of a month is what is counted.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chunksOf } from "../../bench/src/prices/count.ts";
import { priceLists } from "../../bench/src/prices/lists.ts";
import { countMonth, priceOf, swarmPriceOf } from "../../bench/src/prices/month.ts";
import { uses } from "../../bench/src/prices/uses.ts";

const page = readFileSync(new URL("../costs.md", import.meta.url), "utf8");
/** The cells of the rows that begin with a text. */
const rowsOf = (what: string): string[][] =>
  page
    .split("\n")
    .filter((line) => line.startsWith(`| ${what} `))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

// One of them in an ordinary run: each writes and reads 4,096 entries.
const checked = process.env["TEST_WHOLE"] === "1" ? uses : uses.slice(1, 2);

test.each(checked)("a month of $what", { timeout: 600_000 }, async (use) => {
  const month = await countMonth(use);
  const [counted, prices] = rowsOf(use.what);
  const whole = (text: string | undefined): number => Number(text?.replaceAll(",", ""));
  // Where padding and retries fall differs by a request or two from one log to the next.
  expect(Math.abs(whole(counted![1]) - month.writes)).toBeLessThanOrEqual(0.005 * month.writes);
  expect(Math.abs(whole(counted![2]) - month.reads)).toBeLessThanOrEqual(0.005 * month.reads);
  expect(Math.abs(Number(counted![3]) - month.keptGb)).toBeLessThanOrEqual(0.001);
  expect(counted![6]).toBe(`${use.writers} × 2^${month.depth}`);
  for (const [i, list] of priceLists.entries())
    expect(Math.abs(Number(prices![i + 1]!.slice(1)) - priceOf(month, list))).toBeLessThanOrEqual(0.011);
  expect(prices![priceLists.length + 1]).toBe(`${swarmPriceOf(month, use).toFixed(2)} BZZ`);
});

test("the page has the prices of the lists", () => {
  for (const { writes, reads, kept, read, source } of priceLists) {
    expect(page).toContain(source);
    for (const price of [writes, reads, kept, read]) if (price > 0) expect(page).toContain(`$${price}`);
  }
});

test("an object has a chunk for each 4,096 bytes, and those of the tree above them", () => {
  expect([0, 1, 4096, 4097, 128 * 4096, 129 * 4096].map(chunksOf)).toEqual([1, 1, 1, 3, 129, 129 + 2 + 1]);
});
