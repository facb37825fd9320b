// Which tests reach which mutant, and in which order they are asked.

import { basename } from "node:path";

/** A test that takes at most this many milliseconds of the processor is quick. */
const QUICK = 40;
/**
 * The tests of other files than the one that mirrors the source take at most this long for one mutant: what takes more to
 * notice, no unit test says.
 */
const MOST = 3000;

/**
 * What one test file reached while no mutant was active. How often the code asked for mutants is `calls`: outside of the
 * tests, and in each of them.
 *
 * @typedef {object} Reached
 * @property {number} calls
 * @property {number} loading - what it takes to load the file, in milliseconds of the processor
 * @property {Uint8Array} always - what was reached while the file was loaded, or in a hook: it concerns all of its tests
 * @property {{ id: string, ms: number, duration: number, calls: number, reached: Uint8Array }[]} tests
 */

export class Coverage {
  /** @type {({ path: string } & Reached)[]} */
  #files = [];

  /**
   * @param {string} path
   * @param {Reached} reached
   */
  add(path, reached) {
    this.#files.push({ path, ...reached });
  }

  /**
   * The tests that reach a mutant, in batches of one file each: first all of the file that mirrors the source, then the quick
   * tests of the other files, then the rest of them; what takes the least time first.
   *
   * @param {number} number
   * @param {string} source - the file of the mutant
   */
  testsOf(number, source) {
    const reaching = this.#files
      .flatMap((file) => {
        const all = file.always[number] === 1;
        return file.tests
          .filter(({ reached }) => all || reached[number] === 1)
          .map((test) => ({ ...test, file }));
      })
      .sort((a, b) => a.ms + a.file.loading - b.ms - b.file.loading);
    const mirror = basename(source).replace(/\.ts$/, ".test.ts");
    const isMirror = ({ file }) => basename(file.path) === mirror;
    let left = MOST;
    const loaded = new Set();
    const others = reaching.filter((test) => !isMirror(test));
    const chosen = others.filter(({ ms, file }) => {
      const cost = loaded.has(file) ? ms : ms + file.loading;
      if (cost > left) return false;
      loaded.add(file);
      left -= cost;
      return true;
    });
    const quick = chosen.filter(({ ms }) => ms <= QUICK);
    const slow = chosen.filter(({ ms }) => ms > QUICK);
    return [...batchesOf(reaching.filter(isMirror)), ...batchesOf(quick), ...batchesOf(slow)];
  }
}

/** By file, in the order of the tests. */
function batchesOf(tests) {
  const batches = new Map();
  for (const { file, id, ms, duration, calls } of tests) {
    const batch = batches.get(file) ?? { path: file.path, ids: [], calls: file.calls, ms: 0, slowest: 0 };
    batch.ids.push(id);
    batch.calls += calls;
    batch.ms += ms;
    batch.slowest = Math.max(batch.slowest, duration);
    batches.set(file, batch);
  }
  return [...batches.values()].sort((a, b) => a.ms - b.ms);
}
