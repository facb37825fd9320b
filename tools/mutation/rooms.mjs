// What is tried, room by room: the sources, the tests that are asked, and the bar that is held.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { filesBySet, root } from "../test-sets/sets.mjs";

/**
 * @typedef {object} Room
 * @property {string} name
 * @property {string[]} sources - files, from the root of the repository
 * @property {string[][]} tiers - test files: those of the room itself, then those that are asked if no test of the room failed
 * @property {number} bar - the share of the mutants that tests have to notice, of those that change anything
 */

/** Tests that say nothing more about a mutant than others, and take long: they start processes, or repeat one thing often. */
const LEFT_OUT = /kill|crash\.test|go-oracle|browser|exit\.test|hostile\.test|long-log|large-recovery|readme/;

const EVERY = 1;
const MOST = 0.9;

/** Rooms of the core, from the ground up, and the rooms whose tests are asked as well. */
const core = [
  { name: "merkle", bar: EVERY },
  { name: "checkpoint", bar: EVERY },
  { name: "crypto", bar: EVERY, wider: ["merkle"] },
  { name: "log", bar: EVERY, wider: ["wire"] },
  { name: "tree", bar: EVERY, wider: ["reader", "mirror"] },
  { name: "address", bar: EVERY, wider: ["wire"] },
  { name: "wire", bar: MOST },
  { name: "journal", bar: MOST, wider: ["writer"] },
  { name: "reader", bar: MOST },
  { name: "writer", bar: MOST, wider: ["journal"] },
  { name: "remote", bar: MOST, wider: ["reader", "adapter"] },
  { name: "mirror", bar: MOST },
  { name: "link", bar: MOST },
  { name: "async", bar: MOST, wider: ["adapter", "remote"] },
  { name: "adapter", bar: MOST },
  { name: "errors", bar: MOST, wider: ["adapter", "reader"] },
];

/**
 * The parts of the adapters that check what a service or a stranger says. Their tests: files, folders, and "" for what lies in
 * the folder of all tests itself; first those that say in milliseconds what a part promises, then those that use a service.
 */
const checks = [
  {
    name: "fs",
    sources: ["names.ts", "chain.ts", "revision.ts", "claim.ts", "root.ts", "errors.ts"],
    tests: [[""]],
  },
  {
    name: "s3",
    sources: ["errors.ts", "integrity.ts", "service", "uri.ts", "layout.ts"],
    tests: [
      ["service", "error-cases.test.ts", "layout.test.ts", "uri.test.ts"],
      ["public", ""],
    ],
  },
  {
    name: "ipfs",
    sources: ["record", "blocks", "names"],
    tests: [["record", "blocks", "names"], ["gateway"]],
  },
  {
    name: "swarm",
    sources: ["chunk", "feed", "errors.ts"],
    tests: [
      ["chunk", "feed", "translate-failure.test.ts"],
      ["attack", ""],
    ],
  },
];

/**
 * All rooms, in the order in which they are tried.
 *
 * @returns {Room[]}
 */
export function allRooms() {
  const { node, mixed } = filesBySet();
  const tests = [...node, ...mixed].filter((path) => !LEFT_OUT.test(path));
  const below = (folder) => tests.filter((path) => path.startsWith(`${folder}/`));
  const ofCore = core.map(({ name, bar, wider = [] }) => ({
    name,
    bar,
    sources: sourcesOf(`packages/core/src/${name}`),
    tiers: [
      below(`packages/core/test/${name}`),
      wider.flatMap((room) => below(`packages/core/test/${room}`)),
    ].filter((tier) => tier.length > 0),
  }));
  const ofAdapters = checks.map(({ name, sources, tests: rooms }) => ({
    name: `${name} checks`,
    bar: MOST,
    sources: sources.flatMap((source) => sourcesOf(`packages/${name}/src/${source}`)),
    tiers: tiersOf(`packages/${name}/test`, rooms, tests),
  }));
  return [...ofCore, ...ofAdapters];
}

/** A file, or all TypeScript files of a folder. */
function sourcesOf(path) {
  if (path.endsWith(".ts")) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${path}/${name.replaceAll("\\", "/")}`)
    .sort();
}

/** The tests of each tier, less those of the tiers before it. */
function tiersOf(folder, tiers, tests) {
  const named = tiers.map((rooms) => rooms.flatMap((room) => filesIn(folder, room, tests)));
  return named.map((paths, at) => {
    const before = new Set(named.slice(0, at).flat());
    return paths.filter((path) => !before.has(path));
  });
}

/** A test, or the tests of a folder; of the folder of all tests only those that lie in it itself. */
function filesIn(folder, room, tests) {
  if (room.endsWith(".ts")) return tests.filter((path) => path === `${folder}/${room}`);
  if (room !== "") return tests.filter((path) => path.startsWith(`${folder}/${room}/`));
  return tests.filter(
    (path) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes("/"),
  );
}
