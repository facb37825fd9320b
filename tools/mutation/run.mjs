// Mutation testing: makes small changes in the sources and runs the tests that reach them. A change that no test notices
// shows what the tests do not say. README.md beside this file says more.
//   pnpm mutation                             every room
//   pnpm mutation packages/core/src/tree      some files or folders
//   pnpm mutation --sample 60 --seed 7        some mutants, by chance, and all planted bugs
//   pnpm mutation --sample 60 packages/s3     some mutants of some files or folders, by chance

import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { Equivalents, readEquivalents } from "./equivalents.mjs";
import { Memory } from "./memory.mjs";
import { readMutants } from "./mutations.mjs";
import { planted } from "./planted.mjs";
import { printReport, printSurvivors } from "./report.mjs";
import { allRooms, mirrorsOf } from "./rooms.mjs";
import { sample } from "./sample.mjs";
import { tryMutants } from "./sessions.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: "string" },
    seed: { type: "string" },
    // Tries again what earlier runs found already.
    fresh: { type: "boolean", default: false },
    // Asks only the tests of the room itself.
    own: { type: "boolean", default: false },
    // Asks only the tests that mirror the sources.
    mirror: { type: "boolean", default: false },
    // Begins no mutant after this many seconds; the next run continues.
    seconds: { type: "string" },
  },
});
const paths = positionals.filter((word) => word !== "--").map((path) => path.replace(/\/$/, ""));
const until = values.seconds === undefined ? undefined : Date.now() + 1000 * Number(values.seconds);
const equivalents = new Equivalents(readEquivalents());
const faults = [];

// So that what is to be done at the exit is done: a session is ended, and its folder removed.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

const isEquivalent = (mutant) => equivalents.reasonOf(mutant) !== undefined;

/** Says how far it is, and collects what is wrong with the tests themselves. */
function listener(name, count, hear = (_event) => {}) {
  let done = 0;
  return (event) => {
    if (event.type === "covered" && event.failed !== undefined)
      faults.push(`${event.path} fails without a mutant: ${event.failed}`);
    if (event.type !== "killed" && event.type !== "survived") return;
    hear(event);
    if (++done % 50 === 0 || done === count) process.stderr.write(`${name}: ${done} of ${count}\n`);
  };
}

async function runAll() {
  const memory = new Memory({ fresh: values.fresh });
  const rows = [];
  for (const room of roomsToAsk()) {
    const mutants = room.sources.filter(isWanted).flatMap(readMutants);
    if (mutants.length === 0) continue;
    const verdicts = new Map();
    for (const [number, mutant] of mutants.entries()) {
      const known = memory.verdictOf(mutant, room);
      if (known !== undefined) verdicts.set(number, known);
    }
    const left = [...mutants.keys()].filter((number) => !verdicts.has(number));
    const tell = listener(room.name, left.length, (event) => {
      memory.keep(mutants[event.number], room, { ...event, verdict: event.type });
      memory.save();
    });
    for (const [number, verdict] of await tryMutants(mutants, left, {
      tiers: room.tiers,
      own: room.own,
      narrow: isEquivalent,
      tell,
      until,
    })) {
      verdicts.set(number, verdict);
      memory.keep(mutants[number], room, verdict);
    }
    memory.save();
    faults.push(...equivalents.faults(mutants, (mutant) => verdicts.get(mutants.indexOf(mutant))?.verdict));
    rows.push({ room, mutants, verdicts, equivalents });
    printSurvivors(rows.at(-1));
  }
  return printReport(rows);
}

/**
 * Some mutants of the files and folders that were named; without any, of the rooms in which every one has to be killed, and
 * all planted bugs.
 */
async function runSample() {
  const seed = Number(values.seed ?? randomInt(2 ** 32));
  const again = ["--sample", values.sample, "--seed", seed, ...flags(), ...paths];
  process.stdout.write(`Mutants are drawn by the seed ${seed}: pnpm mutation ${again.join(" ")}\n`);
  const rooms = roomsToAsk()
    .filter(({ bar }) => paths.length > 0 || bar === 1)
    .map((room) => ({ room, mutants: room.sources.filter(isWanted).flatMap(readMutants) }));
  const candidates = rooms.flatMap(({ room, mutants }) =>
    mutants.flatMap((mutant, number) =>
      mutant.test === undefined && equivalents.reasonOf(mutant) === undefined ? [{ room, number }] : [],
    ),
  );
  const chosen = sample(candidates, Number(values.sample), seed);
  let held = true;
  for (const { room, mutants } of rooms) {
    const numbers = chosen.filter((one) => one.room === room).map(({ number }) => number);
    if (numbers.length === 0) continue;
    const tell = listener(room.name, numbers.length);
    const verdicts = await tryMutants(mutants, numbers, {
      tiers: room.tiers,
      own: room.own,
      narrow: isEquivalent,
      tell,
      until,
    });
    held = printReport([{ room, mutants, verdicts, equivalents }]) && held;
    printSurvivors({ room, mutants, verdicts, equivalents });
  }
  return paths.length > 0 ? held : (await runPlanted()) && held;
}

/** Plants every bug of the list. */
async function runPlanted() {
  const mutants = [...new Set(planted.map(({ file }) => file))].flatMap(readMutants);
  const numbers = [...mutants.keys()].filter((number) => mutants[number].test !== undefined);
  const tiers = [[...new Set(planted.map(({ test }) => test))]];
  const tell = listener("planted bugs", numbers.length);
  const verdicts = await tryMutants(mutants, numbers, {
    tiers,
    own: 1,
    narrow: isEquivalent,
    tell,
    until: undefined,
  });
  const room = { name: "planted bugs", sources: [], tiers, own: 1, bar: 1 };
  const row = { room, mutants, verdicts, equivalents };
  printSurvivors(row);
  return printReport([row]) && verdicts.size === planted.length;
}

function flags() {
  return ["own", "mirror"].filter((name) => values[name]).map((name) => `--${name}`);
}

/** All rooms, with the tests that are to be asked. */
function roomsToAsk() {
  return allRooms().map((room) => {
    const tiers = values.own ? room.tiers.slice(0, room.own) : room.tiers;
    if (!values.mirror) return { ...room, tiers };
    const mirrors = room.sources.filter(isWanted).flatMap((source) => mirrorsOf(source, tiers[0]));
    return { ...room, own: 1, tiers: [[...new Set(mirrors)]] };
  });
}

function isWanted(source) {
  return paths.length === 0 || paths.some((path) => source === path || source.startsWith(`${path}/`));
}

const held = values.sample === undefined ? await runAll() : await runSample();
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exitCode = held && faults.length === 0 ? 0 : 1;
