// One contender, once: the program of a process that peers.mjs starts.

import { payloads } from "./payloads.mjs";

const [id, round, folder] = process.argv.slice(2);
const { measure } = await import(`./contenders/${id}.mjs`);

/** Finds a figure, and tells it. */
async function figure(name, find) {
  process.send({ begins: name });
  const found = await find();
  const figures = typeof found === "number" ? { [name]: found } : found;
  for (const [each, value] of Object.entries(figures)) process.send({ figure: each, value });
}

await measure({ folder, figure, payloads: (count) => payloads(`round ${round}`, count) });
// Some of them leave timers and sockets behind.
process.exit(0);
