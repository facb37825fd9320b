// From what the application appends to what storage gets, and back; docs/protocol.md, "Entries".

import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { IntegrityError, MalformedError, UnsupportedError } from "../errors/index.ts";
import { decodeMvdsMessage, mvdsMessageId } from "../wire/mvds-message.ts";
import type { Genesis, Identifiers } from "./genesis.ts";

/** What a content becomes on its way into the log. */
export interface Sealed {
  /** H1: the identifier of the entry, 32 bytes. */
  readonly localHash: Uint8Array;
  /** The bytes that storage gets. */
  readonly stored: Uint8Array;
  /** SHA-256 of the stored bytes. */
  readonly contentHash: Uint8Array;
}

/**
 * The step between what the application appends and what storage gets, and back. In a public log the stored
 * bytes are the content itself; a private log encrypts here.
 */
export interface Sealing {
  /**
   * Seals a content. The same content at the same sequence number always gives the same bytes.
   *
   * @throws MalformedError `ERR_MALFORMED` if the log's identifiers are MVDS ids and it is not an MVDS message
   */
  seal(sequence: number, content: Uint8Array): Sealed;
  /**
   * Opens stored bytes whose hash has been checked already.
   *
   * @throws IntegrityError `ERR_INTEGRITY` if the entry's identifier does not belong to its content
   */
  open(sequence: number, sealed: Sealed): Uint8Array;
}

/**
 * The sealing that a log's genesis asks for.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED` for a private log: this version cannot read or write one
 */
export function sealingOf(genesis: Genesis): Sealing {
  if (genesis.visibility === "private") {
    throw new UnsupportedError(
      "This log is private, and this version of the package knows public logs only. Use a newer version.",
      { operation: "log.open" },
    );
  }
  return publicSealing(genesis.identifiers);
}

function publicSealing(identifiers: Identifiers): Sealing {
  return {
    seal(_sequence, content) {
      const contentHash = sha256(content);
      return { localHash: identify(identifiers, content, contentHash), stored: content, contentHash };
    },
    open(sequence, { localHash, stored, contentHash }) {
      let id: Uint8Array;
      try {
        id = identify(identifiers, stored, contentHash);
      } catch (cause) {
        if (!(cause instanceof MalformedError)) throw cause;
        throw wrongIdentifier(sequence, "its content is no MVDS message", cause);
      }
      if (!bytesEqual(id, localHash)) throw wrongIdentifier(sequence, "it names another content");
      return stored;
    },
  };
}

function identify(identifiers: Identifiers, content: Uint8Array, contentHash: Uint8Array): Uint8Array {
  return identifiers === "sha256" ? contentHash : mvdsMessageId(decodeMvdsMessage(content));
}

function wrongIdentifier(sequence: number, why: string, cause?: unknown): IntegrityError {
  return new IntegrityError(
    `The identifier of entry ${sequence} is wrong: ${why}. The writer signed it so; nothing of it was delivered.`,
    { operation: "entry.open", cause },
  );
}
