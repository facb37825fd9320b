// The entry `@remote-log/mvds`, in the order in which an application meets it.

// A node: an engine with a clock and a transport.
export { type MvdsNode, type NodeOptions, openNode } from "./node/node.ts";
export type { LogOptions, LogReport, OwnLog, PeerLog } from "./log/node-logs.ts";

// Transports. Those over WebSockets and over a folder have entries of their own.
export type { Arrival, Transport, TransportOptions } from "./transport/transport.ts";
export { type MemoryNetwork, type MemoryNetworkOptions, memoryNetwork } from "./transport/memory.ts";

// The engine, for whoever has a clock of his own.
export { type Engine, type EngineStatus, openEngine, type TickOptions } from "./engine/engine.ts";
export {
  type DeliveredMessage,
  defaultEngineLimits,
  type EngineLimits,
  type EngineOptions,
  type Mode,
  type MvdsEvent,
  type Order,
  type SyncOptions,
} from "./engine/options.ts";
export type { Outgoing } from "./engine/outgoing.ts";
export type { SendOptions, SentMessage } from "./engine/sending.ts";
export {
  type BackOff,
  constantBackOff,
  type ExponentialBackOffOptions,
  exponentialBackOff,
  type LinearBackOffOptions,
  linearBackOff,
} from "./engine/back-off.ts";

// The wire.
export type { Dialect } from "./wire/dialect.ts";
export {
  DEFAULT_PAYLOAD_LIMITS,
  decodePayload,
  encodePayload,
  type GroupOffer,
  type Payload,
  type PayloadLimits,
} from "./wire/payload.ts";
