/** A server that was started for a person. */
export interface StartedServer {
  /** Lines for a shell: what to set, and comments. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}
