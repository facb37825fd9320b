// From what the application appends to what storage gets, and back; docs/protocol.md, "Entries" and "Private logs".

/** An entry as the log holds it. */
export interface Held {
  /** What the log has of the entry beside its content: its identifier in a public log, a keyed hash in a private one. */
  readonly localHash: Uint8Array;
  /** The bytes that storage gets. */
  readonly stored: Uint8Array;
  /** SHA-256 of the stored bytes; absent if nobody has computed it yet. */
  readonly contentHash?: Uint8Array;
}

/** What identifies a content at its place in the log: all that the journal keeps beside it. */
export interface Identified extends Pick<Held, "localHash"> {
  /** H1: the identifier of the entry, 32 bytes. */
  readonly id: Uint8Array;
  /** SHA-256 of the content. */
  readonly hash: Uint8Array;
  /** The epoch whose key names it; absent if the log has one key. */
  readonly epoch?: number;
  /** The generation of the seed from which that key follows. Default: 0. */
  readonly generation?: number;
}

/** What a content becomes on its way into the log. */
export interface Sealed extends Held {
  /** H1: the identifier of the entry, 32 bytes. */
  readonly id: Uint8Array;
  /** SHA-256 of the stored bytes. */
  readonly contentHash: Uint8Array;
}

/** An entry that was opened, in memory of its own: it keeps no page. */
export interface Opened {
  /** H1: the identifier of the entry, 32 bytes. */
  readonly id: Uint8Array;
  /** What the application appended. */
  readonly content: Uint8Array;
}

/**
 * The step between what the application appends and what storage gets, and back. In a public log the stored
 * bytes are the content itself; in a private log they are sealed.
 */
export interface Sealing {
  /**
   * Identifies a content, which is the smaller part of what sealing takes.
   *
   * @param localHash - what the log has of it already, if it was sealed before
   * @throws MalformedError `ERR_MALFORMED` if the log's identifiers are MVDS ids and it is not an MVDS message
   */
  identify(sequence: number, content: Uint8Array, localHash?: Uint8Array): Identified;
  /**
   * SHA-256 of the bytes that storage gets for a content.
   *
   * @param identified - what {@link Sealing.identify} returned for it
   */
  contentHash(content: Uint8Array, identified: Identified): Uint8Array;
  /**
   * Seals a content. The same content at the same sequence number always gives the same bytes, in the same epoch.
   *
   * @param localHash - what the log has of it already, if it was sealed before
   * @throws MalformedError `ERR_MALFORMED` if the log's identifiers are MVDS ids and it is not an MVDS message
   */
  seal(sequence: number, content: Uint8Array, localHash?: Uint8Array): Sealed;
  /**
   * Opens stored bytes whose hash has been checked already.
   *
   * @throws IntegrityError `ERR_INTEGRITY` if the entry's identifier does not belong to its content
   * @throws NoKeyError `ERR_NO_KEY` if the key is not the one that they were sealed with
   */
  open(sequence: number, held: Held): Opened;
}
