// Resolvers that take contents or revisions for others.

import type { NameTable } from "@remote-log/memory";
import type { Mutant } from "./mutant.ts";

/** Resolvers that mistake contents or revisions. */
export const updateMutants: readonly Mutant[] = [
  {
    fault: "copies the caller's bytes after its first await",
    caughtBy: ["NS-CONTENT-07"],
    broken: ({ names }) => ({
      names: {
        async update(name, content, options) {
          await Promise.resolve();
          return names.update(name, content, options);
        },
      },
    }),
  },
  {
    fault: "says yes to bytes that are there already, whatever is expected",
    caughtBy: ["NS-UPDATE-15"],
    broken: ({ names }, { table }) => ({
      names: {
        async update(name, content, options) {
          const held = table.values.get(name);
          const isThere = held !== undefined && held.content.join() === content.join();
          return isThere && held.revision !== options.expected && !options.signal?.aborted
            ? held.revision
            : names.update(name, content, options);
        },
      },
    }),
  },
  revisions("counts back when an earlier content is set again", ["NS-UPDATE-16"], (contents) => {
    const text = contents.at(-1)!;
    const stack: string[] = [];
    for (const content of contents) {
      const at = stack.indexOf(content);
      if (at === -1) stack.push(content);
      else stack.length = at + 1;
    }
    return `${stack.indexOf(text)}`;
  }),
  revisions("makes a revision of the size", ["NS-UPDATE-16", "NS-RESOLVE-07"], (contents) => {
    return `${contents.at(-1)!.split(",").length}`;
  }),
  revisions("makes a revision that is a hash of the content", ["NS-UPDATE-12"], (contents) => {
    return `h${contents.at(-1)!}`;
  }),
];

/** Every content that a name has held, as text, by the name: of all instances over one table. */
const histories = new WeakMap<NameTable, Map<string, string[]>>();

/** A resolver with revisions of its own, made of all that a name has held, by which it compares as it should. */
function revisions(
  fault: string,
  caughtBy: readonly string[],
  revisionOf: (contents: readonly string[]) => string,
): Mutant {
  return {
    fault,
    caughtBy,
    broken: ({ names }, { table }) => {
      const history = histories.get(table) ?? new Map<string, string[]>();
      histories.set(table, history);
      const shown = (name: string): string | null => {
        const contents = history.get(name);
        return contents === undefined ? null : revisionOf(contents);
      };
      const noteAll = (name: string): void => {
        // An update is carried out before it is told, and its answer may be lost: the table knows best.
        const held = table.values.get(name);
        const contents = history.get(name) ?? [];
        if (held === undefined || contents.length === Number(held.revision)) return;
        history.set(name, [...contents, held.content.join()]);
      };
      return {
        names: {
          // The table has counts of its own: nothing is awaited before they are compared.
          async update(name, content, options) {
            noteAll(name);
            const right = options.expected === shown(name);
            const expected = right ? (table.values.get(name)?.revision ?? null) : "none of its counts";
            const updating = names.update(name, content, { ...options, expected });
            noteAll(name);
            const revision = shown(name);
            await updating;
            return revision!;
          },
          async resolve(name, { known, ...options } = {}) {
            noteAll(name);
            const revision = shown(name);
            const inner =
              known === revision ? { ...options, known: table.values.get(name)?.revision ?? "" } : options;
            const resolution = await names.resolve(name, inner);
            if (resolution.status === "absent" || revision === null) return resolution;
            return { ...resolution, revision };
          },
        },
      };
    },
  };
}
