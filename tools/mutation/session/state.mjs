// Which mutant is tried now. The code with the mutants in it asks at every place that it reaches.

/** Ends what a mutant made endless. */
class EndlessMutant extends Error {
  name = "EndlessMutant";
}

export const mutation = {
  /** The number of the mutant that is tried; -1 for none. */
  active: -1,
  /** How many mutants there are. */
  size: 0,
  /** How often the code asked, and how often it may ask. */
  calls: 0,
  limit: Number.POSITIVE_INFINITY,
  /** Which mutants were reached, while that is of interest. */
  reached: /** @type {Uint8Array | undefined} */ (undefined),
  isActive(/** @type {number} */ number) {
    mutation.calls++;
    if (mutation.reached !== undefined) mutation.reached[number] = 1;
    if (mutation.calls > mutation.limit) throw new EndlessMutant("This mutant does not come to an end.");
    return number === mutation.active;
  },
};

globalThis.$mutation = mutation;
