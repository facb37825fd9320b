// What a month costs, for some kinds of use: requests that are counted, at list prices.

import { parseArgs } from "node:util";
import { describeRun } from "./describe-run.ts";
import { priceLists } from "./prices/lists.ts";
import { countMonth, priceOf, swarmPriceOf } from "./prices/month.ts";
import { uses } from "./prices/uses.ts";
import { tableOf } from "./table.ts";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });

const months = [];
for (const use of uses) months.push({ use, month: await countMonth(use) });
const run = describeRun();
if (values.json) process.stdout.write(`${JSON.stringify({ run, priceLists, months }, undefined, 2)}\n`);
else {
  const counted = months.map(({ use, month }) => [
    use.what,
    whole(month.writes),
    whole(month.reads),
    month.keptGb.toFixed(3),
    month.readGb.toFixed(2),
    whole(month.chunks),
    `${use.writers} × 2^${month.depth}`,
  ]);
  const prices = months.map(({ use, month }) => [
    use.what,
    ...priceLists.map((list) => `$${priceOf(month, list).toFixed(2)}`),
    `${swarmPriceOf(month, use).toFixed(2)} BZZ`,
  ]);
  const head = ["a month of", "writes", "reads", "GB written", "GB read", "chunks of Swarm", "batches"];
  process.stdout.write(
    `${tableOf(head, counted)}\n\n${tableOf(["a month of", ...priceLists.map(({ service }) => service), "Swarm"], prices)}\n`,
  );
}

function whole(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}
