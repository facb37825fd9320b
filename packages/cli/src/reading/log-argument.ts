// LOG on the command line: a log id with remotes, or a link.

import { type LogLink, parseLink } from "@remote-log/core";
import { usageError } from "../errors/command-error.ts";
import { kindOf } from "../remotes/registry.ts";
import { parseRemote, type RemotePlace } from "../remotes/remote-place.ts";

/** Which log to read, and from where. */
export interface LogPlace {
  readonly logId: string;
  readonly remotes: readonly RemotePlace[];
  /** The oldest state to accept on first contact; from a link. */
  readonly floor?: LogLink["floor"];
}

/**
 * Parses the LOG argument of a command: a log id, or a link. The remotes of the link come first, then those of
 * `--remote`. Remotes of the link with an unknown scheme are left out if there are others.
 *
 * @throws CommandError `ERR_USAGE` if it is neither, or if no remote is left
 * @throws InvalidInputError `ERR_INVALID_INPUT`, UnsupportedError `ERR_UNSUPPORTED` for a link that can't be used
 */
export function parseLog(text: string, remotes: readonly string[]): LogPlace {
  const { logId, remotes: linked, floor } = text.startsWith("rlog:") ? parseLink(text) : linkOf(text);
  const known = linked.filter((uri) => kindOf(uri) !== undefined);
  const given = remotes.map(parseRemote);
  // If nothing else is left, the error names the unknown scheme.
  const fromLink = (known.length + given.length > 0 ? known : linked).map(parseRemote);
  const uris = new Set(given.map(({ uri }) => uri));
  const all = [...fromLink.filter(({ uri }) => !uris.has(uri)), ...given];
  if (all.length === 0) throw usageError("Say where to read from, with --remote URI.");
  return { logId, remotes: all, ...(floor && { floor }) };
}

function linkOf(logId: string): LogLink {
  if (isLogId(logId)) return { logId, remotes: [] };
  throw usageError(
    "Give a log by its id, 64 lower-case hexadecimal digits, as rlog init and rlog status print it, or by a link, as " +
      "rlog link prints it.",
  );
}

/** Whether a text has the form of a log id. */
export function isLogId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
