// What a reading command tells of remotes whose state is not used, on standard error.

import { StaleError, type SyncOutcome } from "@remote-log/core";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { printable } from "../terminal/terminal-text.ts";

/** One thing that is told: for people, and for programs. */
interface Notice {
  readonly text: string;
  readonly json: Readonly<Record<string, string | number>>;
}

/**
 * Tells of states that remotes show and that could not be verified, each once until it changes. With `json`, as one JSON
 * object a line.
 */
export class StateNotices {
  readonly #invocation: Invocation;
  readonly #json: boolean;
  #told = new Set<string>();

  constructor(invocation: Invocation, json: boolean) {
    this.#invocation = invocation;
    this.#json = json;
  }

  /** Takes in how a sync ended. */
  readonly hear = (outcome: SyncOutcome): void => {
    const notices = noticesOf(outcome);
    const told = new Set(notices.map(({ text }) => text));
    for (const { text, json } of notices) {
      if (this.#told.has(text)) continue;
      void this.#invocation.warn(this.#json ? JSON.stringify(json) : `rlog: ${text}`);
    }
    this.#told = told;
  };
}

function noticesOf(outcome: SyncOutcome): Notice[] {
  if (outcome.status === "failed") return staleNotice(outcome.error);
  const { size: newest, remotes, seen } = outcome.result;
  const newestText = `the newest verified state has ${entries(newest)}`;
  const notices: Notice[] = [];
  for (const { label: remote, status, size } of remotes) {
    if (status !== "unverified" || size === undefined) continue;
    notices.push({
      text:
        `${printable(remote)} shows ${entries(size)} that the writer signed; ${newestText}, and no remote shows how the two ` +
        "relate. What it shows is not used.",
      json: { notice: "unverified", remote, size, newest },
    });
  }
  if (seen !== undefined && !notices.some(({ json }) => json["size"] === seen.size)) {
    const { size, label: remote } = seen;
    notices.push({
      text: `${printable(remote)} once showed ${entries(size)} that the writer signed; ${newestText}. There may be newer ones.`,
      json: { notice: "seen", remote, size, newest },
    });
  }
  return notices;
}

// A command that ends tells it as its error; one that follows waits, and would not.
function staleNotice(error: unknown): Notice[] {
  if (!(error instanceof StaleError) || error.offered === undefined || error.verified === undefined)
    return [];
  const { offered, verified: newest } = error;
  return [
    {
      text: `remotes show at most ${entries(offered)}; ${entries(newest)} were verified before, and nobody shows all of them now.`,
      json: { notice: "stale", size: offered, newest },
    },
  ];
}

function entries(count: number): string {
  return counted(count, "entry", "entries");
}
