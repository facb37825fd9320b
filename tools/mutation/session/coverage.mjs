// Which tests reach which mutant, and in which order they are asked.

/** A test that takes at most this many milliseconds of the processor is quick. */
const QUICK = 40;
/** The tests that are asked about one mutant take at most this long: what takes more to notice, no unit test says. */
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
   * The tests that reach a mutant, in batches of one file each: first the quick tests of all files, then the others;
   * among both, what takes the least time first.
   *
   * @param {number} number
   */
  testsOf(number) {
    const reaching = this.#files
      .flatMap((file) => {
        const all = file.always[number] === 1;
        return file.tests
          .filter(({ reached }) => all || reached[number] === 1)
          .map((test) => ({ ...test, file }));
      })
      .sort((a, b) => a.ms + a.file.loading - b.ms - b.file.loading);
    let left = MOST;
    const loaded = new Set();
    const chosen = reaching.filter(({ ms, file }) => {
      const cost = loaded.has(file) ? ms : ms + file.loading;
      if (cost > left) return false;
      loaded.add(file);
      left -= cost;
      return true;
    });
    const quick = chosen.filter(({ ms }) => ms <= QUICK);
    return [...batchesOf(quick), ...batchesOf(chosen.filter(({ ms }) => ms > QUICK))];
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
