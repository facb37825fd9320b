// How the states that remotes show relate: `rlog doctor` says "behind" only of what is proven.

import { ForkError, openReader, type RemoteReport, SupersededError } from "@remote-log/core";
import { closeRemotes, openRemotes } from "../remotes/open-remotes.ts";
import type { Finding, RemoteContext } from "../remotes/remote-kind.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { counted } from "../terminal/counted.ts";
import { printable } from "../terminal/terminal-text.ts";

/** How the states that remotes show relate. */
export interface Relations {
  /** Entries of the newest state that is proven to begin with the smaller ones; `undefined` if it could not be found out. */
  readonly newest: number | undefined;
  /** What is wrong with the state of one remote beside the others; `undefined` if it is the newest, or proven to be older. */
  findingOf(
    label: string,
  ): { readonly state: "unverified" | "forked" | "superseded"; readonly finding: Finding } | undefined;
}

/** A remote that shows a state. */
export interface Showing {
  readonly place: RemotePlace;
  readonly context: RemoteContext;
  /** The number of entries of its state, verified by itself. */
  readonly size: number;
}

/** Compares the states of remotes with each other, if there are several. */
export async function compareRemotes(
  logId: string,
  showing: readonly Showing[],
  signal: AbortSignal,
): Promise<Relations> {
  if (showing.length < 2) return { newest: showing[0]?.size, findingOf: () => undefined };
  const opened = [];
  try {
    for (const { place, context } of showing) opened.push(...(await openRemotes([place], context)));
    const reader = await openReader({ logId, remotes: opened });
    try {
      const { size, remotes } = await reader.sync({ signal });
      const reports = new Map(remotes.map((report) => [report.label, report]));
      return { newest: size, findingOf: (label) => unverified(reports.get(label), size) };
    } finally {
      await reader.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ForkError) {
      const finding = { code: error.code, message: printable(error.message) };
      return { newest: undefined, findingOf: () => ({ state: "forked", finding }) };
    }
    const why = error instanceof Error ? error.message : String(error);
    const finding = { code: "unverified", message: printable(`The remotes could not be compared: ${why}`) };
    return { newest: undefined, findingOf: () => ({ state: "unverified", finding }) };
  } finally {
    await closeRemotes(opened);
  }
}

function unverified(report: RemoteReport | undefined, newest: number): ReturnType<Relations["findingOf"]> {
  if (report === undefined || report.status === "newest" || report.status === "behind") return undefined;
  const { error, size } = report;
  if (error instanceof SupersededError) {
    const message = `${error.message} The next rlog publish of the log's owner replaces it there.`;
    return { state: "superseded", finding: { code: error.code, message: printable(message) } };
  }
  const shown = size === undefined ? "a state" : counted(size, "entry", "entries");
  const why = error instanceof Error ? ` ${error.message}` : "";
  const message =
    `It shows ${shown}, and the newest verified state has ${counted(newest, "entry", "entries")}: ` +
    `no remote shows how the two relate.${why}`;
  return { state: "unverified", finding: { code: "unverified", message: printable(message) } };
}
