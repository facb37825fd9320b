// How each remote of a reader answers: noted at every request for its state, and at the end of every read.

import { hasCode, isRemoteLogError } from "../errors/index.ts";
import type { Remote } from "../remote/remote.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { timeNow } from "../runtime/clock.ts";
import type { RemoteReport } from "./remote-report.ts";

/** How a remote of a reader answers. */
export interface RemoteContact {
  /** The remote's label. */
  readonly label: string;
  /**
   * Whether the last requests to the remote were answered, with whatever. False if no usable answer came (`ERR_UNREACHABLE`,
   * `ERR_TIMEOUT`), and before the first answer since the reader was opened: then {@link RemoteContact.error} is absent.
   */
  readonly connected: boolean;
  /** When the remote last answered, in milliseconds since 1970; absent if it has not since the reader was opened. */
  readonly answeredAt?: number;
  /** What the remote showed at the last sync; absent before the first. `"absent"`: it has nothing under the log's name. */
  readonly status?: RemoteReport["status"];
  /** Number of entries that it showed at the last sync; absent if it showed none. */
  readonly size?: number;
  /** Why the last request for its state, or the last read from its storage, failed; absent if neither did. */
  readonly error?: unknown;
  /** Since when that fails, in milliseconds since 1970; absent while it does not. */
  readonly failingSince?: number;
}

interface Failing {
  readonly error: unknown;
  readonly since: number;
}

interface Known {
  readonly label: string;
  readonly storage: StorageBackend;
  answeredAt?: number;
  report?: RemoteReport;
  /** How asking for its state fails, and reading from its storage: the two may be different services. */
  asking?: Failing | undefined;
  reading?: Failing | undefined;
}

/** What is known of how each remote answers. */
export class Contacts {
  readonly #known: Known[];
  /** Called whenever something has changed besides the time of the last answer. It must not throw. */
  onChange = (): void => undefined;

  constructor(remotes: readonly Remote[]) {
    this.#known = remotes.map(({ label, storage }) => ({ label, storage }));
  }

  /** Takes in a remote that was found later. */
  add({ label, storage }: Remote): void {
    this.#known.push({ label, storage });
  }

  /** How each remote answers, in the order in which they were given. */
  get remotes(): RemoteContact[] {
    return this.#known.map(contactOf);
  }

  /**
   * Takes in how a request for a remote's state ended.
   *
   * @param error - how it failed; `undefined` for an answer
   */
  asked({ label }: Remote, error: unknown): void {
    for (const known of this.#known) {
      if (known.label === label) this.#note(known, "asking", error);
    }
  }

  /**
   * Takes in how a read from a storage ended, all of its retries included.
   *
   * @param error - how it failed; `undefined` for an answer
   */
  read(storage: StorageBackend, error: unknown): void {
    for (const known of this.#known) {
      if (known.storage === storage) this.#note(known, "reading", error);
    }
  }

  /** Takes in what every remote showed at a sync. It is told when the sync has ended. */
  reported(reports: readonly RemoteReport[]): void {
    for (const report of reports) {
      const known = this.#known.find(({ label }) => label === report.label);
      if (known !== undefined) known.report = report;
    }
  }

  #note(known: Known, what: "asking" | "reading", error: unknown): void {
    const before = contactOf(known);
    const now = timeNow();
    if (isAnswer(error)) known.answeredAt = now;
    known[what] = error === undefined ? undefined : { error, since: known[what]?.since ?? now };
    const after = contactOf(known);
    if (after.connected !== before.connected || kindOf(after.error) !== kindOf(before.error)) this.onChange();
  }
}

/** What kind of failure an error is, to tell whether another one is news. */
export function kindOf(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  return isRemoteLogError(error) ? `${error.code} ${error.reason ?? ""} ${error.operation}` : "unknown";
}

function contactOf({ label, answeredAt, report, asking, reading }: Known): RemoteContact {
  const failing = asking ?? reading;
  const since = Math.min(
    asking?.since ?? Number.POSITIVE_INFINITY,
    reading?.since ?? Number.POSITIVE_INFINITY,
  );
  const connected = answeredAt !== undefined && isAnswer(asking?.error) && isAnswer(reading?.error);
  return {
    label,
    connected,
    ...(answeredAt !== undefined && { answeredAt }),
    ...(report !== undefined && { status: report.status }),
    ...(report?.size !== undefined && { size: report.size }),
    ...(failing !== undefined && { error: failing.error, failingSince: since }),
  };
}

// A refusal is an answer, and so are bytes that could not be verified.
function isAnswer(error: unknown): boolean {
  if (error === undefined) return true;
  return isRemoteLogError(error) && !hasCode(error, "ERR_UNREACHABLE", "ERR_TIMEOUT", "ERR_CLOSED");
}
