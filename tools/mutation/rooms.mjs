// What is tried, room by room: the sources, the tests that are asked, and the bar that is held.

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { filesBySet, root } from "../test-sets/sets.mjs";

/**
 * @typedef {object} Room
 * @property {string} name
 * @property {string[]} sources - files, from the root of the repository
 * @property {string[][]} tiers - test files; those of each tier are asked if no test of the tiers before it failed
 * @property {number} own - how many of the tiers, from the first on, are of the room itself
 * @property {number} bar - the share of the mutants that tests have to notice, of those that change anything
 */

/** Tests that say nothing more about a mutant than others, and take long: they start processes, or repeat one thing often. */
const LEFT_OUT = /kill|crash\.test|go-oracle|browser|exit\.test|hostile\.test|long-log|large-recovery|readme/;

/** Tests that use several parts together. Those of one part, which take milliseconds, are asked before them. */
const SLOW_READERS =
  /adversaries|lying-storage|^live|withheld-states|kept-states|large-pages|standard-reader/;
const SLOW_WRITERS =
  /crash-points|interrupted|backlog|publish-progress|stepwise-publish|publish-order|recover\.|recover-progress|while-recovering|limits|many-receipts|changed-remote|another-copy/;

const EVERY = 1;
const MOST = 0.9;

/** Rooms of the core, from the ground up; those of their tests that take long, and the rooms or files whose tests are asked as well. */
const core = [
  { name: "merkle", bar: EVERY },
  { name: "checkpoint", bar: EVERY },
  { name: "crypto", bar: EVERY, wider: ["merkle"] },
  { name: "log", bar: EVERY, wider: ["wire"] },
  { name: "tree", bar: EVERY, wider: ["reader", "mirror"] },
  { name: "address", bar: EVERY, wider: ["wire"] },
  { name: "runtime", bar: MOST, wider: ["crypto"] },
  { name: "options", bar: MOST },
  { name: "age", bar: MOST, wider: ["keyring", "crypto"] },
  { name: "words", bar: MOST },
  { name: "wire", bar: MOST },
  { name: "keyring", bar: MOST, slow: /^stock-age/ },
  { name: "journal", bar: MOST, slow: /^(damage|witness|ownership|databases)\./, wider: ["writer"] },
  {
    name: "reader",
    bar: MOST,
    slow: SLOW_READERS,
    // A key that was replaced, a manifest and removals are made by writers.
    wider: [
      "writer/stolen-key.test.ts",
      "writer/manifest.test.ts",
      "writer/named-readers.test.ts",
      "writer/removal.test.ts",
      "open-link.test.ts",
    ],
  },
  { name: "writer", bar: MOST, slow: SLOW_WRITERS, wider: ["journal"] },
  { name: "remote", bar: MOST, wider: ["reader", "adapter"] },
  { name: "mirror", bar: MOST, slow: /faults|incremental|lying-sources|^copy\./ },
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
    name: "memory",
    sources: ["errors.ts", "name-table.ts", "names.ts", "options.ts", "remote.ts", "storage.ts"],
    tests: [["memory.test.ts", "wrong-types.test.ts"], [""]],
  },
  {
    name: "fs",
    sources: ["names.ts", "chain.ts", "revision.ts", "claim.ts", "root.ts", "errors.ts"],
    tests: [
      [
        "arriving.test.ts",
        "chain.test.ts",
        "chain-durable.test.ts",
        "claim.test.ts",
        "errors.test.ts",
        "names.test.ts",
        "root.test.ts",
      ],
      ["remote.test.ts", "revision.test.ts", "storage.test.ts", "static"],
      [""],
    ],
    own: 2,
  },
  {
    name: "s3",
    sources: ["errors.ts", "integrity.ts", "service", "light", "uri.ts", "layout.ts"],
    tests: [
      [
        "service",
        "light/client.test.ts",
        "light/service.test.ts",
        "light/sign.test.ts",
        "error-cases.test.ts",
        "integrity.test.ts",
        "layout.test.ts",
        "uri.test.ts",
      ],
      ["public", "light", ""],
    ],
  },
  {
    name: "ipfs",
    sources: ["record", "blocks", "names", "http", "node/blocks.ts", "node/rpc.ts", "node/storage.ts"],
    tests: [
      ["record", "blocks", "names", "http", "node"],
      ["gateway", "wrong-types.test.ts"],
    ],
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

/** Rooms of data sync, with the folders of tests that are asked. What logs and clocks ask of an engine, their own tests say. */
const sync = [
  { name: "wire", bar: MOST, tests: [["wire"], ["engine"]], own: 1 },
  // To be raised to MOST: of a sample of 100, its tests noticed 94.
  { name: "engine", bar: 0.85, tests: [["engine"], ["log", "node"]], own: 2 },
];

/**
 * Groups: their parts, which tests ask one by one, and what brings them together. Their tests: first those that take milliseconds, then
 * those in which whole devices meet.
 */
const group = [
  {
    name: "parts",
    bar: MOST,
    sources: [
      "wire",
      "members",
      "store",
      "attachments",
      "check-options.ts",
      "codec.ts",
      "keys.ts",
      "messages.ts",
      "status.ts",
    ],
    tests: [
      [
        "wire",
        "members",
        "store",
        "check-options.test.ts",
        "codec.test.ts",
        "status.test.ts",
        "attachments/parts.test.ts",
        "invite/invite-link.test.ts",
      ],
      ["", "attachments", "invite", "attack"],
    ],
    own: 1,
  },
  {
    name: "devices",
    // To be raised: whole devices meet in most of its tests, which take seconds. It was 65.8 % before its own logs had tests of their own.
    bar: 0.65,
    sources: ["invite", "own", "sync", "errors.ts", "group.ts", "open-group.ts"],
    tests: [
      ["sync", "own", "invite/invite-link.test.ts"],
      ["", "invite"],
      ["attachments", "attack"],
    ],
    own: 1,
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
  const ofCore = core.map(({ name, bar, slow, wider = [] }) => {
    const all = below(`packages/core/test/${name}`);
    const own = [
      all.filter((path) => slow?.test(basename(path)) !== true),
      all.filter((path) => slow?.test(basename(path)) === true),
    ].filter((tier) => tier.length > 0);
    const others = wider.flatMap((room) => filesIn("packages/core/test", room, tests));
    return {
      name,
      bar,
      sources: sourcesOf(`packages/core/src/${name}`),
      tiers: others.length > 0 ? [...own, others] : own,
      own: own.length,
    };
  });
  const ofAdapters = checks.map(({ name, sources, tests: rooms, own = 1 }) => ({
    name: `${name} checks`,
    bar: MOST,
    sources: sources.flatMap((source) => sourcesOf(`packages/${name}/src/${source}`)),
    tiers: tiersOf(`packages/${name}/test`, rooms, tests),
    own,
  }));
  const ofSync = sync.map(({ name, bar, tests: rooms, own }) => ({
    name: `mvds ${name}`,
    bar,
    sources: sourcesOf(`packages/mvds/src/${name}`),
    tiers: tiersOf("packages/mvds/test", rooms, tests),
    own,
  }));
  const ofGroups = group.map(({ name, bar, sources, tests: rooms, own }) => ({
    name: `group ${name}`,
    bar,
    sources: sources.flatMap((source) => sourcesOf(`packages/group/src/${source}`)),
    tiers: tiersOf("packages/group/test", rooms, tests),
    own,
  }));
  return [...ofCore, ...ofAdapters, ...ofSync, ...ofGroups];
}

/**
 * Of some tests, those that mirror a source: `retry.test.ts` and `retry-reports.test.ts` mirror `retry.ts`. Most mutants need
 * no others, and to see what all the others reach takes long.
 */
export function mirrorsOf(source, tests) {
  const name = basename(source, ".ts");
  return tests.filter(
    (path) => basename(path) === `${name}.test.ts` || basename(path).startsWith(`${name}-`),
  );
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
