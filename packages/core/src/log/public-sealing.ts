// Contents of a public log: storage gets them as they are; docs/protocol.md, "Entries".

import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import type { Identifiers } from "./genesis.ts";
import { identify, identifyOpened, wrongIdentifier } from "./identifier.ts";
import type { Sealing } from "./sealing.ts";

/** The sealing of a public log, which seals nothing. */
export function publicSealing(identifiers: Identifiers): Sealing {
  return {
    seal(_sequence, content) {
      const contentHash = sha256(content);
      const id = identify(identifiers, content, contentHash);
      return { id, localHash: id, stored: content, contentHash };
    },
    open(sequence, { localHash, stored }) {
      const id = identifyOpened(identifiers, sequence, stored, sha256(stored));
      if (!bytesEqual(id, localHash)) throw wrongIdentifier(sequence, "it names another content");
      return { id, content: stored };
    },
  };
}
