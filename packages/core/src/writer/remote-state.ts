// What is known of the name of a log on one remote.

import { bytesToHex } from "@noble/hashes/utils.js";
import { hasCode, isRemoteLogError } from "../errors/index.ts";
import type { DoubtRecord, IntentRecord, PublishedRecord } from "../journal/remote-records.ts";
import { remoteIdIn } from "../log/head.ts";
import { monotonicNow } from "../runtime/clock.ts";
import { randomBytes } from "../runtime/random.ts";
import { REMOTE_ID_BYTES } from "../wire/remote-log-message.ts";

/** What is known of one remote: what the journal says, and what this process has seen. */
export interface RemoteState {
  readonly published: PublishedRecord | undefined;
  readonly intent: IntentRecord | undefined;
  /** Number of entries that were read back. */
  readonly confirmed: number;
  /** Number of versions of the manifest that were read back. */
  readonly confirmedManifest: number;
  /** Whether this process has seen the name. */
  readonly looked: boolean;
  /** Whether the name was lost, or set back, after we had published. */
  readonly republish: boolean;
  /** When the newest update was acknowledged; absent if an earlier process sent it. */
  readonly acknowledgedAt?: number;
  /** The id of the remote that all of this is believed of, in hexadecimal digits; absent before the first publish. */
  readonly remoteId: string | undefined;
  /** Whether the name shows a head of ours that was published under another label: it need not move if nothing is missing. */
  readonly adopted: boolean;
  /** The doubt that was the last, while the name has not moved since. */
  readonly doubt: DoubtRecord | undefined;
  /** What the name holds, if it was seen to hold what was published. */
  readonly shown: Uint8Array | undefined;
}

/** What is known before the journal was read. */
export const UNKNOWN: RemoteState = {
  published: undefined,
  intent: undefined,
  confirmed: 0,
  confirmedManifest: 0,
  looked: false,
  republish: false,
  adopted: false,
  remoteId: undefined,
  doubt: undefined,
  shown: undefined,
};

/** How long a name system that may lag has to show an update, before it is taken for lost, in milliseconds. */
const LAG_MILLISECONDS = 60_000;

/** Whether a name system that may lag has had the time to show the newest update. */
export function hadTimeToShow({ acknowledgedAt = Number.NEGATIVE_INFINITY }: RemoteState): boolean {
  return monotonicNow() - acknowledgedAt >= LAG_MILLISECONDS;
}

/** Whether an update may have taken effect although it failed. */
export function isUnknownOutcome(error: unknown): boolean {
  if (hasCode(error, "ERR_NAME_CONFLICT")) return true;
  return !isRemoteLogError(error) || error.retry !== "never";
}

/** An id for a place that has none. */
export function newRemoteId(): Uint8Array {
  return randomBytes(REMOTE_ID_BYTES, "writer.open");
}

/** The id of the remote in a name's content, in hexadecimal digits; `null` if it has none. */
export function idShownBy(content: Uint8Array): string | null {
  const id = remoteIdIn(content);
  return id === undefined ? null : bytesToHex(id);
}
