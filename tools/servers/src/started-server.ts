// What a person is told of a server that was started.

/** A server that was started for a person. */
export interface StartedServer {
  /** Lines for a shell: what to set, and comments. */
  readonly lines: readonly string[];
  /** The folder in which it keeps what was stored; absent if its end removes everything. */
  readonly kept?: string;
  stop(): Promise<void>;
}
