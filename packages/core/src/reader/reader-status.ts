// How far a reader is, and how its remotes answer: what `Reader.status` returns and `onStatus` is called with.

import type { PolicyReport } from "../cosign/policy.ts";
import { timeNow } from "../runtime/clock.ts";
import { type Contacts, kindOf, type RemoteContact } from "./contacts.ts";

/**
 * How far a reader is, and how its remotes answer.
 *
 * | what happened | `caughtUp` | `error` | `remotes` |
 * | --- | --- | --- | --- |
 * | no sync yet | false | absent | `connected` false, no `error` |
 * | no news | true | absent | `status` `"newest"` |
 * | offline | false | `ERR_UNREACHABLE` or `ERR_TIMEOUT` | `connected` false, `failingSince` |
 * | the log is not there: a wrong log id, or never published | false | `ERR_NOT_FOUND` | `connected` true, `status` `"absent"` |
 * | only older states are shown | false | `ERR_STALE` or `ERR_ROLLBACK` | `status` `"behind"` |
 * | one of several remotes fails | true | absent | the one: `failingSince`, `error` |
 */
export interface ReaderStatus {
  /** Number of entries of the newest verified state; 0 before the first. A store keeps it between runs. */
  readonly size: number;
  /**
   * Number of entries of the largest state that the writer is known to have signed. More than {@link ReaderStatus.size} if a
   * remote showed one that nobody has proven to extend the verified one.
   */
  readonly newestSize: number;
  /**
   * Whether a remote showed the newest state at the last sync, no larger one is known, and every stream that is being read has
   * delivered all of it. An entry counts as delivered when the next one is asked for.
   */
  readonly caughtUp: boolean;
  /** Why the last sync failed; absent before the first, and if it did not fail. */
  readonly error?: unknown;
  /** Since when every sync has failed, in milliseconds since 1970; absent if the last did not. */
  readonly failingSince?: number;
  /** What the reader's policy said at the last sync that succeeded; absent without a policy. */
  readonly policy?: PolicyReport;
  /** How each remote answers, in the order in which they were given. */
  readonly remotes: readonly RemoteContact[];
}

/** How far one stream has come. */
export interface StreamPlace {
  /** The sequence number after the last entry that was delivered. */
  next: number;
}

/** What is known of the newest state. */
interface NewestSizes {
  readonly views: readonly { readonly size: number }[];
  readonly seen: { readonly size: number } | undefined;
}

/** Keeps the status of one reader, and tells when it changes. */
export class StatusKeeper {
  readonly #contacts: Contacts;
  readonly #newest: NewestSizes;
  readonly #onStatus: ((status: ReaderStatus) => void) | undefined;
  readonly #streams = new Set<StreamPlace>();
  #synced = false;
  #failing: { readonly error: unknown; readonly since: number } | undefined;
  #told: string | undefined;
  #policy: PolicyReport | undefined;

  constructor(
    contacts: Contacts,
    newest: NewestSizes,
    onStatus: ((status: ReaderStatus) => void) | undefined,
  ) {
    this.#contacts = contacts;
    this.#newest = newest;
    this.#onStatus = onStatus;
    contacts.onChange = () => this.changed();
  }

  /** The status now. */
  get status(): ReaderStatus {
    const size = this.#newest.views[0]?.size ?? 0;
    const newestSize = Math.max(size, this.#newest.seen?.size ?? 0);
    const delivered = [...this.#streams].every(({ next }) => next >= size);
    return {
      size,
      newestSize,
      caughtUp: this.#synced && newestSize === size && delivered,
      ...(this.#failing && { error: this.#failing.error, failingSince: this.#failing.since }),
      ...(this.#policy && { policy: this.#policy }),
      remotes: this.#contacts.remotes,
    };
  }

  /** Notes that a sync has succeeded. */
  synced(policy?: PolicyReport): void {
    this.#policy = policy;
    this.#synced = true;
    this.#failing = undefined;
    this.changed();
  }

  /** Notes that a sync has failed. */
  failed(error: unknown): void {
    this.#synced = false;
    this.#failing = { error, since: this.#failing?.since ?? timeNow() };
    this.changed();
  }

  /** Notes that a stream is read from a sequence number on. The caller keeps its place up to date, and ends it. */
  begin(next: number): StreamPlace {
    const place = { next };
    this.#streams.add(place);
    return place;
  }

  /** Notes that a stream has ended. */
  end(place: StreamPlace): void {
    this.#streams.delete(place);
    this.changed();
  }

  /** Tells the status if something has changed besides the times at which remotes answered. */
  changed(): void {
    if (this.#onStatus === undefined) return;
    const { status } = this;
    const told = summaryOf(status);
    if (told === this.#told) return;
    this.#told = told;
    this.#onStatus(status);
  }
}

function summaryOf({ remotes, error, ...whole }: ReaderStatus): string {
  const contacts = remotes.map((remote) => ({
    ...remote,
    error: kindOf(remote.error),
    answeredAt: undefined,
  }));
  return JSON.stringify([{ ...whole, error: kindOf(error) }, contacts]);
}
