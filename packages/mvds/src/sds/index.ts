// Remote logs for applications of SDS: the entry `@remote-log/mvds/sds`.

export {
  decodeRetrievalHint,
  encodeRetrievalHint,
  type HintSources,
  type RetrievalHint,
  type RetrieveOptions,
  retrieve,
} from "./retrieval-hint.ts";
export {
  decodeSdsMessage,
  encodeSdsMessage,
  type HistoryEntry,
  type SdsDialect,
  type SdsLimits,
  type SdsMessage,
} from "./sds-message.ts";
