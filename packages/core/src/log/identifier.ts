// H1, the identifier of an entry, which follows from its content alone; docs/protocol.md, "Entries".

import { IntegrityError, MalformedError } from "../errors/index.ts";
import { decodeMvdsMessage, mvdsMessageId } from "../wire/mvds-message.ts";
import type { Identifiers } from "./genesis.ts";

/**
 * The identifier of a content, 32 bytes.
 *
 * @param contentHash - SHA-256 of the content
 * @throws MalformedError `ERR_MALFORMED` if identifiers are MVDS ids and the content is no MVDS message
 */
export function identify(identifiers: Identifiers, content: Uint8Array, contentHash: Uint8Array): Uint8Array {
  return identifiers === "sha256" ? contentHash : mvdsMessageId(decodeMvdsMessage(content));
}

/**
 * The identifier of a content that the writer has signed.
 *
 * @param contentHash - SHA-256 of the content
 * @throws IntegrityError `ERR_INTEGRITY` if it has none
 */
export function identifyOpened(
  identifiers: Identifiers,
  sequence: number,
  content: Uint8Array,
  contentHash: Uint8Array,
): Uint8Array {
  try {
    return identify(identifiers, content, contentHash);
  } catch (cause) {
    if (!(cause instanceof MalformedError)) throw cause;
    throw wrongIdentifier(sequence, "its content is no MVDS message", cause);
  }
}

/** The error for an entry whose identifier does not belong to its content. */
export function wrongIdentifier(sequence: number, why: string, cause?: unknown): IntegrityError {
  return new IntegrityError(
    `The identifier of entry ${sequence} is wrong: ${why}. The writer signed it so; nothing of it was delivered.`,
    { operation: "entry.open", cause },
  );
}
