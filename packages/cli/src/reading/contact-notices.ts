// What `rlog follow` tells when it loses contact with every remote, and when it is back, on standard error.

import { isRemoteLogError, StaleError, type SyncOutcome } from "@remote-log/core";
import { codeOf } from "../errors/command-error.ts";
import { counted } from "../terminal/counted.ts";
import { messageOf } from "../terminal/describe-error.ts";
import type { Invocation } from "../terminal/invocation.ts";

/**
 * Tells of the first poll that failed, and of the first that succeeded after it: one line each. With `json`, as one JSON object a
 * line. Without that, being offline, a wrong log id and no news would look alike.
 */
export class ContactNotices {
  readonly #invocation: Invocation;
  readonly #json: boolean;
  #lost: string | undefined;

  constructor(invocation: Invocation, json: boolean) {
    this.#invocation = invocation;
    this.#json = json;
  }

  /** Takes in how a sync ended. */
  readonly hear = (outcome: SyncOutcome): void => {
    if (this.#invocation.signal.aborted) return;
    if (outcome.status === "synced") {
      if (this.#lost === undefined) return;
      this.#lost = undefined;
      const { size } = outcome.result;
      this.#tell(`rlog: the remotes answer again: ${counted(size, "entry", "entries")}.`, {
        notice: "contact",
        size,
      });
      return;
    }
    const { error } = outcome;
    // Remotes that show an older state answer; StateNotices tells of it.
    if (error instanceof StaleError) return;
    // What ends the command is told by the command.
    if (!isOutlived(error)) return;
    // Another cause is news: first offline, then a log that is not there.
    const code = codeOf(error) ?? "";
    if (this.#lost === code) return;
    this.#lost = code;
    this.#tell(`rlog: ${messageOf(error)} It is tried again at each poll.`, { notice: "no-contact", code });
  };

  #tell(text: string, json: Readonly<Record<string, string | number>>): void {
    void this.#invocation.warn(this.#json ? JSON.stringify(json) : text);
  }
}

/** Whether a live stream continues after a poll that failed so: it may pass, or nothing is published yet. */
function isOutlived(error: unknown): boolean {
  if (!isRemoteLogError(error)) return false;
  return error.retry !== "never" || (error.code === "ERR_NOT_FOUND" && error.operation === "reader.sync");
}
