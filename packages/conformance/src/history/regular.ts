// Whether a history is that of a regular register (Lamport, 1986).

import type { History, ResolveOperation, UpdateOperation } from "./history.ts";

/**
 * Checks that every resolve of a history said what it may say, whatever the others said: something that an update was
 * setting by then and that was not refused; and, if every acknowledged update can be read at once, nothing older than
 * the newest that was acknowledged before the resolve was called.
 *
 * @param readsWrites - whether an acknowledged update can be read at once, by everybody
 * @returns what was wrong; nothing if all is well
 */
export function whyNotRegular(history: History, readsWrites: boolean): string | undefined {
  const updates = history.filter((operation) => operation.kind === "update");
  for (const resolve of history) {
    if (resolve.kind !== "resolve") continue;
    const why = whyNotAllowed(resolve, updates, readsWrites);
    if (why !== undefined) return `a resolve (${resolve.invoked}–${resolve.responded}) ${why}`;
  }
  return undefined;
}

function whyNotAllowed(
  { outcome, invoked, responded }: ResolveOperation,
  updates: readonly UpdateOperation[],
  readsWrites: boolean,
): string | undefined {
  const acknowledged = updates.filter(
    (update) => update.outcome.status === "updated" && update.responded < invoked,
  );
  if (outcome.status === "absent") {
    return readsWrites && acknowledged.length > 0
      ? "said absent after an update was acknowledged"
      : undefined;
  }
  const source = updates.find(({ content }) => content === outcome.content);
  if (source === undefined || source.invoked > responded) return "gave a content that nobody had set";
  if (source.outcome.status === "refused") return "gave the content of an update that was refused";
  if (source.outcome.status === "updated" && source.outcome.revision !== outcome.revision) {
    return "gave another revision than the update";
  }
  const newer = acknowledged.find((update) => update.invoked > source.responded);
  return readsWrites && newer !== undefined
    ? `gave a content older than one acknowledged before (${newer.invoked}–${newer.responded})`
    : undefined;
}
