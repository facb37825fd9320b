// How an upload is paid for, and counted.

/** What a node has to know of an upload besides the chunk. */
export interface Payment {
  /** The id of the postage batch that pays, 64 hexadecimal digits in lower case. */
  readonly stamp: string;
  /** The tag under which the node counts the chunk, if it is uploaded deferred. */
  readonly tag?: string | undefined;
}
