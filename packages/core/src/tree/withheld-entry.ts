// The error for an entry whose content storage does not show. Loaded only when one is met.

import { WithheldError } from "../errors/index.ts";

/** The error for an entry that storage shows without its content, although the writer did not remove it. */
export function withheldEntry(sequence: number): WithheldError {
  return new WithheldError(
    `Storage shows entry ${sequence} without its content, and the writer does not say that it was removed: it is withheld. ` +
      "Read from another remote, or tell the writer, who can put it back.",
    { operation: "reader.read", sequence },
  );
}
