// Protocol Buffers as logs read and write them, for packages that have messages of their own: the entry `@remote-log/core/wire`.

export { DEFAULT_WIRE_LIMITS, type WireLimits } from "./limits.ts";
export { MVDS_FIELDS, type MvdsFields, readMvdsMessage, writeMvdsMessage } from "./mvds-message.ts";
export { EMPTY, ProtobufReader } from "./protobuf-reader.ts";
export { ProtobufWriter } from "./protobuf-writer.ts";
export { fieldOf, invalid, malformed } from "./refusal.ts";
