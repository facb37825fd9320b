// Lies about names: changed, older, absent, another's.

import type { Resolution, Revision } from "@remote-log/core";
import type { Lie, ResolveCall } from "../lie.ts";
import type { Change } from "./changes.ts";

/** What the name holds is changed on its way. */
export function changedName(change: Change): Lie {
  return {
    async resolve({ honest }) {
      const resolution = await honest();
      return resolution.status === "found"
        ? { ...resolution, content: change(resolution.content) }
        : resolution;
    },
  };
}

/**
 * The name holds something else: the head of another log, say, or of another history of the same one.
 *
 * @param content - what it shows
 * @param revision - under which revision; default one that nobody has seen
 */
export function shownName(content: Uint8Array, revision?: Revision): Lie {
  return {
    resolve: async ({ honest }) => {
      await honest();
      return shown(content, revision);
    },
  };
}

/**
 * The name is set back: it shows an earlier content that really stood under it.
 *
 * @param back - how many updates through this liar; default 1
 * @param revision - `"old"`, the one that it had then, or `"new"`, as if it were the newest; default `"old"`
 */
export function olderName(back = 1, revision: "old" | "new" = "old"): Lie {
  return {
    async resolve(call) {
      await call.honest();
      const past = updatesOf(call).at(-1 - back);
      if (past === undefined) return { status: "absent" };
      return shown(past.content, revision === "old" ? past.revision : undefined);
    },
  };
}

/** There is nothing under the name, it says. */
export function absentName(): Lie {
  return {
    resolve: async ({ honest }) => {
      await honest();
      return { status: "absent" };
    },
  };
}

/** Nothing has changed, it says, whatever the caller knows. */
export function unchangedName(): Lie {
  return {
    resolve: async ({ honest, options }) => {
      await honest();
      return { status: "unchanged", revision: options.known ?? "unchanged" };
    },
  };
}

function updatesOf({ history, name }: ResolveCall) {
  return history.updates.filter((update) => update.name === name);
}

let unseen = 0;

function shown(content: Uint8Array, revision: Revision = `unseen-${++unseen}`): Resolution {
  return { status: "found", content: new Uint8Array(content), revision };
}
