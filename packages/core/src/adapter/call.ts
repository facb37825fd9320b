// What the shell hands to a driver with every call.

/** What an adapter was doing when something failed. */
export interface OperationContext {
  /** The operation, as `subject.verb`: `"storage.get"`. */
  readonly operation: string;
  /** What was being done, on what, for messages: `"storing a content at https://example.org"`. */
  readonly action: string;
  /** How many bytes a write sends, for a service that refuses them as too many. */
  readonly bytes?: number;
}

/** What a driver gets with every call. */
export interface Call {
  /**
   * Fires when the caller gives up, when the deadline has passed, and when the adapter is closed, unless the driver is
   * `"cooperative"`: then `close` waits. Hand it to the client.
   */
  readonly signal: AbortSignal;
  /** What is being done, for errors. */
  readonly context: OperationContext;
}
