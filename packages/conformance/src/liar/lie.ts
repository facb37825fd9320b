// What a lie is: functions that stand in for the honest answers to calls.

import type {
  Address,
  GetOptions,
  OperationOptions,
  PutOutcome,
  Remote,
  Resolution,
  ResolveOptions,
  Revision,
  UpdateOptions,
} from "@remote-log/core";

/** What every call has that reaches a lying remote. */
export interface HonestAnswer<T> {
  /** Carries the call out as it was made, and gives the true answer. It may be called any number of times. */
  readonly honest: () => Promise<T>;
  /** The remote behind the liar, for whatever else a lie has to look up. */
  readonly remote: Remote;
  /** What went through the liar so far. */
  readonly history: LiarHistory;
}

/** A `put` that reaches a lying remote. */
export interface PutCall extends HonestAnswer<Address> {
  readonly operation: "put";
  readonly content: Uint8Array;
  readonly options: OperationOptions;
}

/** A `putMany` that reaches a lying remote. */
export interface PutManyCall extends HonestAnswer<readonly PutOutcome[]> {
  readonly operation: "putMany";
  readonly contents: readonly Uint8Array[];
  readonly options: OperationOptions;
}

/** A `get` that reaches a lying remote. */
export interface GetCall extends HonestAnswer<Uint8Array> {
  readonly operation: "get";
  readonly address: Address;
  readonly options: GetOptions;
}

/** A `has` that reaches a lying remote. */
export interface HasCall extends HonestAnswer<boolean> {
  readonly operation: "has";
  readonly address: Address;
  readonly options: OperationOptions;
}

/** An `update` that reaches a lying remote. */
export interface UpdateCall extends HonestAnswer<Revision> {
  readonly operation: "update";
  readonly name: string;
  readonly content: Uint8Array;
  readonly options: UpdateOptions;
}

/** A `resolve` that reaches a lying remote. */
export interface ResolveCall extends HonestAnswer<Resolution> {
  readonly operation: "resolve";
  readonly name: string;
  readonly options: ResolveOptions;
}

/** A call that reaches a lying remote. */
export type LiarCall = PutCall | PutManyCall | GetCall | HasCall | UpdateCall | ResolveCall;

/**
 * How a remote lies: what it answers instead of the truth, an operation each. An operation that is left out is
 * answered honestly, so that `{}` is no lie at all. `lies` has the usual ones; write your own for others.
 *
 * A lie about `put` is told about each content of a `putMany` as well, unless there is another one for that.
 */
export interface Lie {
  readonly put?: (call: PutCall) => Promise<Address>;
  readonly putMany?: (call: PutManyCall) => Promise<readonly PutOutcome[]>;
  readonly get?: (call: GetCall) => Promise<Uint8Array>;
  readonly has?: (call: HasCall) => Promise<boolean>;
  readonly update?: (call: UpdateCall) => Promise<Revision>;
  readonly resolve?: (call: ResolveCall) => Promise<Resolution>;
}

/** An update that was carried out through a liar. */
export interface PastUpdate {
  readonly name: string;
  readonly content: Uint8Array;
  readonly revision: Revision;
}

/** What went through a liar since it was made. */
export interface LiarHistory {
  /** Every call, in the order in which they came, whatever was made of it. */
  readonly calls: readonly LiarCall[];
  /** Every content that was really stored, by the text of its address. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Every update that was really carried out, oldest first. */
  readonly updates: readonly PastUpdate[];
}
