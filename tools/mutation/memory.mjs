// What earlier runs found. A verdict is used again while the source of the mutant is the same, and: for a mutant that was
// killed, the file of the test that killed it; for one that survived, which tests were asked, all files in their folders, and
// what asks them.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../test-sets/sets.mjs";
import { describe } from "./mutations.mjs";

const FILE = join(root, "node_modules/.cache/remote-log-mutation.json");

export class Memory {
  /** @type {Record<string, { verdict: "killed" | "survived", path?: string, by?: string, hash: string }>} */
  #known = {};
  /** What this run found. */
  #found = {};
  #hashes = new Map();
  #numbers = new Map();

  /** @param {{ fresh: boolean }} options - fresh: without what earlier runs found */
  constructor({ fresh }) {
    if (!fresh) this.#known = read();
  }

  verdictOf(mutant, room) {
    const found = this.#known[this.#keyOf(mutant)];
    return found !== undefined && found.hash === this.#hashOf(mutant, room, found) ? found : undefined;
  }

  keep(mutant, room, { type, verdict = type, path, by }) {
    const hash = this.#hashOf(mutant, room, { verdict, path });
    this.#found[this.#keyOf(mutant)] = { verdict, path, by, hash };
  }

  /** Adds what this run found to what is in the file now: another run may be under way. */
  save() {
    mkdirSync(dirname(FILE), { recursive: true });
    const written = `${FILE}.${process.pid}`;
    writeFileSync(written, JSON.stringify({ ...read(), ...this.#found }, undefined, 1));
    renameSync(written, FILE);
  }

  /** A line may hold the same mutant twice, and a file the same line. */
  #keyOf(mutant) {
    let key = this.#numbers.get(mutant);
    if (key === undefined) {
      const name = `${mutant.file}\n${mutant.at}\n${mutant.start}\n${describe(mutant)}`;
      key = createHash("sha256").update(name).digest("hex").slice(0, 24);
      this.#numbers.set(mutant, key);
    }
    return key;
  }

  #hashOf(mutant, room, { verdict, path }) {
    const killer = path === undefined ? [] : [path];
    const tests = room.tiers.flat();
    const asked = [...new Set(tests.map((test) => dirname(test))), "tools/mutation/session"];
    const paths = verdict === "killed" ? killer : asked;
    // Others of the same folders may notice it: those that `--mirror` leaves out.
    const which =
      verdict === "killed" ? [] : [createHash("sha256").update(tests.join("\n")).digest("hex").slice(0, 16)];
    return [...[mutant.file, ...paths].map((each) => this.#hash(each)), ...which].join(" ");
  }

  #hash(path) {
    let hash = this.#hashes.get(path);
    if (hash === undefined) {
      const full = join(root, path);
      const files = path.endsWith(".ts") ? [full] : filesIn(full);
      const all = createHash("sha256");
      for (const file of files) all.update(`${file}\n`).update(readFileSync(file));
      hash = all.digest("hex").slice(0, 16);
      this.#hashes.set(path, hash);
    }
    return hash;
  }
}

function read() {
  try {
    return JSON.parse(readFileSync(FILE, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT" && !(error instanceof SyntaxError)) throw error;
    return {};
  }
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name))
    .sort();
}
