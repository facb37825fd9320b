import type { NameResolver, Resolution } from "../../src/index.ts";

type Found = Extract<Resolution, { status: "found" }>;

/**
 * A name system without compare-and-set, as IPNS is one: the writer counts, the highest revision wins, of equal
 * ones the last. `lag` says how many states behind an answer is.
 */
export function looseNames(
  history: Map<string, Found[]> = new Map(),
  lag: () => number = () => 0,
): NameResolver {
  return {
    name: "loose",
    capabilities: { compareAndSet: "none", readYourWrites: false, largestContent: 2 ** 20, watch: false },
    async update(name, content, { expected, signal }) {
      signal?.throwIfAborted();
      const states = history.get(name) ?? [];
      const revision = String(Number(expected ?? 0) + 1);
      if (Number(states.at(-1)?.revision ?? 0) <= Number(revision))
        states.push({ status: "found", content: content.slice(), revision });
      history.set(name, states);
      return revision;
    },
    async resolve(name, { signal } = {}) {
      signal?.throwIfAborted();
      const state = (history.get(name) ?? []).at(-1 - lag());
      return state === undefined ? { status: "absent" } : { ...state, content: state.content.slice() };
    },
  };
}
