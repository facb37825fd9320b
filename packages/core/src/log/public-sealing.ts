// Contents of a public log: storage gets them as they are; docs/protocol.md, "Entries".

import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import type { Identifiers } from "./genesis.ts";
import { identify, identifyOpened, wrongIdentifier } from "./identifier.ts";
import type { Identified, Sealing } from "./sealing.ts";

/** The sealing of a public log, which seals nothing. */
export function publicSealing(identifiers: Identifiers): Sealing {
  const identified = (content: Uint8Array): Identified => {
    const hash = sha256(content);
    const id = identify(identifiers, content, hash);
    return { id, localHash: id, hash };
  };
  return {
    identify: (_sequence, content) => identified(content),
    contentHash: (_content, { hash }) => hash,
    seal(_sequence, content) {
      const { id, localHash, hash } = identified(content);
      return { id, localHash, stored: content, contentHash: hash };
    },
    open(sequence, { localHash, stored, contentHash = sha256(stored) }) {
      const id = identifyOpened(identifiers, sequence, stored, contentHash);
      if (!bytesEqual(id, localHash)) throw wrongIdentifier(sequence, "it names another content");
      // Not slice(), which takes three times as long.
      return { id: new Uint8Array(id), content: new Uint8Array(stored) };
    },
  };
}
