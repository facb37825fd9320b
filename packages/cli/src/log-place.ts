import { type LogLink, parseLink } from "@remote-log/core";
import { usageError } from "./failure.ts";
import { isKnownKind, parseRemote, type RemotePlace } from "./remotes.ts";

/** Which log to read, and where. */
export interface LogPlace {
  readonly logId: string;
  readonly remotes: readonly RemotePlace[];
  /** The least state to accept on first contact; from a link. */
  readonly floor?: LogLink["floor"];
}

/**
 * Reads what stands in the place of a log: its id, or a link to it. The remotes of a link come first, then those that
 * were given besides; what a link says of kinds that are not known is left out where there are others.
 *
 * @throws CommandError `ERR_USAGE` where it is neither, or no remote is left
 * @throws InvalidInputError `ERR_INVALID_INPUT`, UnsupportedError `ERR_UNSUPPORTED` for a link that can't be used
 */
export function parseLog(text: string, remotes: readonly string[]): LogPlace {
  const { logId, remotes: linked, floor } = text.startsWith("rlog:") ? parseLink(text) : linkOf(text);
  const known = linked.filter(isKnownKind);
  const given = remotes.map(parseRemote);
  // Where nothing else is left, the error names the kind.
  const fromLink = (known.length + given.length > 0 ? known : linked).map(parseRemote);
  const uris = new Set(given.map(({ uri }) => uri));
  const all = [...fromLink.filter(({ uri }) => !uris.has(uri)), ...given];
  if (all.length === 0) throw usageError("Say where to read from, with --remote URI.");
  return { logId, remotes: all, ...(floor && { floor }) };
}

function linkOf(logId: string): LogLink {
  if (/^[0-9a-f]{64}$/.test(logId)) return { logId, remotes: [] };
  throw usageError(
    "A log is given by its id, 64 lower-case hexadecimal digits, as rlog init and rlog status print it, or by a link, " +
      "as rlog link prints it.",
  );
}
