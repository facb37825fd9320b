// Options of an engine, and what it tells.

import { InvalidInputError, type KeyValueDatabase } from "@remote-log/core";
import { checkOptionTypes, checkWhole, optionKinds } from "@remote-log/core/adapter";
import type { Dialect } from "../wire/dialect.ts";
import { type BackOff, exponentialBackOff } from "./back-off.ts";

/**
 * How messages are sent: `"batch"` sends them at once, for low latency; `"interactive"` offers them first and sends them on
 * request, for few bytes.
 */
export type Mode = "batch" | "interactive";

/**
 * When a message is delivered whose parents are missing: `"eventual"` at once, `"consistent"` after its parents, and theirs.
 * Either way they are requested.
 */
export type Order = "eventual" | "consistent";

/** A message as it is delivered to the application. */
export interface DeliveredMessage {
  /** Its id, 32 bytes. */
  readonly id: Uint8Array;
  /** The group, 32 bytes. */
  readonly groupId: Uint8Array;
  /** When it was made, as its sender says: by convention in seconds since 1970. */
  readonly timestamp: bigint;
  /** The content. */
  readonly body: Uint8Array;
  /** Ids of the messages that it depends on. */
  readonly parents: readonly Uint8Array[];
  /** Whether it is not kept: sent once, without acknowledgement. */
  readonly ephemeral: boolean;
  /** The peer from which it came, or in whose log it was. With relaying, that need not be its author. */
  readonly peer: string;
}

/** What an engine tells besides messages. Ids have 32 bytes. */
export type MvdsEvent =
  /** A peer has a message of ours, by its word: an acknowledgement, or a statement in its log. */
  | {
      readonly kind: "acknowledged";
      readonly by: "peer" | "log";
      readonly peer: string;
      readonly id: Uint8Array;
    }
  /** Something that a peer may not send or request, or that is not known here. Nothing came of it. */
  | {
      readonly kind: "ignored";
      readonly reason: "unknown-peer" | "unknown-group" | "not-a-member" | "unknown-message";
      readonly peer: string;
      readonly id?: Uint8Array;
    }
  /** A limit was reached: nothing was kept or acknowledged, so that the peer sends it again. */
  | {
      readonly kind: "refused";
      readonly reason: "inbox-full" | "too-many-waiting" | "too-many-requests" | "other-parents";
      readonly peer: string;
      readonly id: Uint8Array;
    }
  /** A message is older than what the group keeps. It was acknowledged, and not delivered. */
  | { readonly kind: "too-old"; readonly peer: string; readonly id: Uint8Array }
  /** A record is not sent any more: it was sent as often as allowed, gave way to newer ones, or its message is gone or too large. */
  | {
      readonly kind: "gave-up";
      readonly reason: "count" | "peer-full" | "message-gone" | "too-large";
      readonly record: "offer" | "request" | "message";
      readonly peer: string;
      readonly id: Uint8Array;
    }
  /** The oldest message of a group gave way to newer ones. */
  | { readonly kind: "forgotten"; readonly id: Uint8Array }
  /** A payload can't be decoded. Nothing came of it. */
  | { readonly kind: "malformed"; readonly peer: string; readonly error: unknown }
  /** `onMessage` failed. The message is delivered again later. */
  | { readonly kind: "delivery-failed"; readonly id: Uint8Array; readonly error: unknown }
  /** The transport failed to receive. It is asked again. */
  | { readonly kind: "receive-failed"; readonly error: unknown }
  /** The database failed. Nothing is sent or received until the node is opened again. */
  | { readonly kind: "stopped"; readonly error: unknown }
  /** The log of a peer could not be read, or the node's own not be written, if no peer is named. It is tried again. */
  | { readonly kind: "log-failed"; readonly peer?: string; readonly error: unknown }
  /** The transport failed to send. The records are sent again later. */
  | { readonly kind: "send-failed"; readonly peer: string; readonly error: unknown };

/** How much an engine keeps. Each limit is a whole number. */
export interface EngineLimits {
  /** The most bytes of a payload, sent or received, and so of a message. Default 1 MiB, and at most 16. */
  readonly maxPayloadBytes?: number | undefined;
  /** The most messages that a group keeps. Default 65,536. The oldest give way, by their timestamps. */
  readonly maxGroupMessages?: number | undefined;
  /** The most bytes of the messages that a group keeps. Default 256 MiB. */
  readonly maxGroupBytes?: number | undefined;
  /** The most offers and messages that wait for one peer. Default 4,096. The oldest give way. */
  readonly maxOutgoing?: number | undefined;
  /** The most requests that wait for one peer. Default 1,024. Further offers are refused, until they are repeated. */
  readonly maxRequests?: number | undefined;
  /** The most parents that messages of one peer wait for. Default 4,096; twice that for what is waited for itself. */
  readonly maxWaiting?: number | undefined;
  /** The most messages that wait for the application. Default 1,024. Further ones are refused, until they are repeated. */
  readonly maxInbox?: number | undefined;
  /** The most acknowledgements and ephemeral messages that wait for one peer's next payload. Default 4,096. */
  readonly maxReactions?: number | undefined;
  /** The most peers of one group. Default 256. */
  readonly maxMembers?: number | undefined;
  /** The most parents that are given to a message. Default 32. */
  readonly maxParents?: number | undefined;
}

/** The most that `maxPayloadBytes` may be: messages of 32 MiB can't be encoded any more. */
const LARGEST_PAYLOAD = 2 ** 24;

/** The limits that apply if none are given. */
export const defaultEngineLimits: { readonly [K in keyof EngineLimits]-?: number } = Object.freeze({
  maxPayloadBytes: 2 ** 20,
  maxGroupMessages: 65_536,
  maxGroupBytes: 256 * 2 ** 20,
  maxOutgoing: 4096,
  maxRequests: 1024,
  maxWaiting: 4096,
  maxInbox: 1024,
  maxReactions: 4096,
  maxMembers: 256,
  maxParents: 32,
});

/** What engine and node have in common. */
export interface SyncOptions {
  /** The database of the node, which belongs to it alone and is closed by it: as the journal of a writer, and another one. */
  readonly database: KeyValueDatabase;
  /**
   * Gets each message once, in order. The next one comes when the promise that it returns is resolved. A message whose handling
   * is not over when the process is killed comes again after the next start: its id tells.
   */
  readonly onMessage: (message: DeliveredMessage) => void | Promise<void>;
  /** Gets what else there is to tell. It must not throw. */
  readonly onEvent?: ((event: MvdsEvent) => void) | undefined;
  /** The field numbers on the wire. Default `"production"`. All peers of a node must have the same. */
  readonly dialect?: Dialect | undefined;
  /** How messages are sent. Default `"batch"`. */
  readonly mode?: Mode | undefined;
  /** How messages are sent to some peers, if it differs. */
  readonly peerModes?: Readonly<Record<string, Mode>> | undefined;
  /** When a message is delivered whose parents are missing. Default `"eventual"`. */
  readonly order?: Order | undefined;
  /** Whether messages that came from one member of a group are sent on to the others. Default false. */
  readonly relay?: boolean | undefined;
  /** When records are sent again. Default `exponentialBackOff()`. */
  readonly backOff?: BackOff | undefined;
  /** How often an offer or a message is sent at most. Default: no end, ever less often. status-im has 14. */
  readonly maxSendCount?: number | undefined;
  /** How often a request is sent at most. Default 14. */
  readonly maxRequestCount?: number | undefined;
  /** Within how many epochs, by chance, records are due once their peer comes online. Default 1: in the next. status-go has 60. */
  readonly onlineSpread?: number | undefined;
  /** How much is kept. */
  readonly limits?: EngineLimits | undefined;
}

/** Options of {@link openEngine}. */
export interface EngineOptions extends SyncOptions {
  /** The time of day, in seconds since 1970. */
  readonly now: () => number;
  /** Gives numbers from 0 to below 1: `Math.random`, or a generator with a seed. */
  readonly random: () => number;
}

/** Options of an engine with all of them filled in. */
export type FilledOptions = {
  readonly [K in Exclude<keyof EngineOptions, "limits" | "peerModes">]-?: NonNullable<EngineOptions[K]>;
} & {
  readonly limits: { readonly [K in keyof EngineLimits]-?: number };
  readonly modeOf: (peer: string) => Mode;
};

const { callback, flag, number, oneOf, record, required, withMethods } = optionKinds;

/**
 * Checks options, and fills in the defaults.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function fillOptions(options: EngineOptions): FilledOptions {
  const kinds = {
    database: required(
      withMethods(["open", "close", "get", "batch", "iterator"], "an abstract-level database"),
    ),
    onMessage: required(callback),
    now: required(callback),
    random: required(callback),
    onEvent: callback,
    dialect: oneOf("production", "reference"),
    mode: oneOf("batch", "interactive"),
    peerModes: record,
    order: oneOf("eventual", "consistent"),
    relay: flag,
    backOff: callback,
    maxSendCount: number,
    maxRequestCount: number,
    onlineSpread: number,
    limits: record,
  };
  checkOptionTypes(options, kinds, { name: "the node", operation: "mvds.open" });
  const { mode = "batch", peerModes = {}, limits = {} } = options;
  for (const [peer, own] of Object.entries(peerModes)) {
    if (own === "batch" || own === "interactive") continue;
    throw new InvalidInputError(
      `The mode of peer ${JSON.stringify(peer)} must be "batch" or "interactive".`,
      {
        operation: "mvds.open",
      },
    );
  }
  const counts = {
    maxSendCount: options.maxSendCount,
    maxRequestCount: options.maxRequestCount,
    onlineSpread: options.onlineSpread,
    ...limits,
  };
  for (const [name, value] of Object.entries(counts)) {
    if (value === undefined || value === Number.POSITIVE_INFINITY) continue;
    checkWhole({ [name]: value }, { operation: "mvds.open", largest: Number.MAX_SAFE_INTEGER });
  }
  if ((limits.maxPayloadBytes ?? 0) > LARGEST_PAYLOAD) {
    throw new InvalidInputError(
      `\`maxPayloadBytes\` may be at most ${LARGEST_PAYLOAD}: send a reference to what is larger.`,
      { operation: "mvds.open" },
    );
  }
  const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
  return {
    database: options.database,
    now: options.now,
    random: options.random,
    onMessage: options.onMessage,
    onEvent: options.onEvent ?? (() => undefined),
    dialect: options.dialect ?? "production",
    mode,
    modeOf: (peer) => (Object.hasOwn(peerModes, peer) ? peerModes[peer]! : mode),
    order: options.order ?? "eventual",
    relay: options.relay ?? false,
    backOff: options.backOff ?? exponentialBackOff(),
    maxSendCount: options.maxSendCount ?? Number.POSITIVE_INFINITY,
    maxRequestCount: options.maxRequestCount ?? 14,
    onlineSpread: options.onlineSpread ?? 1,
    limits: { ...defaultEngineLimits, ...given },
  };
}
