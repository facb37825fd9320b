// The field numbers of payloads: the two dialects of 2/MVDS that are in use.

import { MVDS_FIELDS, type MvdsFields } from "@remote-log/core/wire";

/**
 * Which field numbers a payload has. `"production"`: those of the standard, 5001 to 5004 and 6001 to 6004, which everything in
 * production uses. `"reference"`: those of the reference implementation (vacp2p/mvds), 1 to 4 in both. A payload does not say
 * which it is, and the two can't be told apart safely, so it is said and never guessed.
 */
export type Dialect = "production" | "reference";

/** The field numbers of a payload and of its messages. */
export interface PayloadFields {
  readonly acks: number;
  readonly offers: number;
  readonly requests: number;
  readonly messages: number;
  /** `undefined` in a dialect that has no such field. */
  readonly groupOffers: number | undefined;
  readonly message: MvdsFields;
}

/** The field numbers of each dialect. */
export const PAYLOAD_FIELDS: Readonly<Record<Dialect, PayloadFields>> = Object.freeze({
  production: {
    acks: 5001,
    offers: 5002,
    requests: 5003,
    messages: 5004,
    groupOffers: 5005,
    message: MVDS_FIELDS,
  },
  reference: {
    acks: 1,
    offers: 2,
    requests: 3,
    messages: 4,
    groupOffers: undefined,
    message: { groupId: 1, timestamp: 2, body: 3, metadata: 4 },
  },
});
