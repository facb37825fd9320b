// What ChaCha20-Poly1305 (RFC 8439) takes and gives, for messages with 32 bytes of associated data.

/** Length of the tag at the end of what is sealed, in bytes. */
export const TAG_BYTES = 16;
/** Length of the associated data, in bytes. */
export const ASSOCIATED_BYTES = 32;

/** What a message is sealed with. */
export interface SealedWith {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes, which no other message under the key has. */
  readonly nonce: Uint8Array;
  /** 32 bytes, authenticated with the message. */
  readonly associated: Uint8Array;
}

/** A message in two parts, which are sealed as one: a content, and what pads it. */
export type Message = readonly [Uint8Array, Uint8Array];

/** ChaCha20-Poly1305, by whomever. */
export interface ChaCha20Poly1305 {
  /**
   * Seals a message, with the tag at its end.
   *
   * @param sealed - gets it: as long as both parts and the tag
   */
  seal(message: Message, parameters: SealedWith, sealed: Uint8Array): void;
  /**
   * Opens what was sealed.
   *
   * @param sealed - of any length: what is shorter than a tag is refused, too
   * @returns the message, in memory that the next call may use again
   * @throws Error if it was not sealed with these
   */
  open(sealed: Uint8Array, parameters: SealedWith): Uint8Array;
}
