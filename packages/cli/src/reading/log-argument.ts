// LOG on the command line: a log id with remotes, or a link.

import { logsInCar } from "@remote-log/car";
import { carFile } from "@remote-log/car/node";
import { type LogLink, parseLink, type ReadKey } from "@remote-log/core";
import { CommandError, usageError } from "../errors/command-error.ts";
import { givenRemote } from "../remotes/given-remote.ts";
import { linkedPlaces, type RefusedRemote } from "../remotes/linked/linked-places.ts";
import { trustedOrigins } from "../remotes/linked/trust.ts";
import { kindOf } from "../remotes/registry.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { carPath, namesCarFile } from "../remotes/schemes/car.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { givenLink } from "./given-link.ts";

/** The options that say where a log is. */
export interface LogOptions {
  /** Remotes of the user's own, besides those of a link. */
  readonly remote: readonly string[];
  /** Places that may be used like the user's own although a link names them. */
  readonly trust: readonly string[];
}

/** Which log to read, and from where. */
export interface LogPlace {
  readonly logId: string;
  readonly remotes: readonly RemotePlace[];
  /** The oldest state to accept on first contact; from a link. */
  readonly floor?: LogLink["floor"];
  /** The key of a private log; from a link. */
  readonly key?: ReadKey | undefined;
}

/**
 * Reads the LOG argument of a command: a log id, a link, where a link is, or a CAR file with one log. The remotes of the link come first, then those
 * of `--remote`.
 * Of the link, remotes of an unknown scheme are left out if there are others, and so are those that a link may not use; of
 * these it tells.
 *
 * @throws CommandError `ERR_USAGE` if it is neither, or if no remote is left; `ERR_UNTRUSTED` if none is left that a link may use
 * @throws InvalidInputError `ERR_INVALID_INPUT`, UnsupportedError `ERR_UNSUPPORTED` for a link that can't be used
 */
export async function logArgument(
  invocation: Invocation,
  argument: string,
  { remote, trust }: LogOptions,
): Promise<LogPlace> {
  if (namesCarFile(argument)) return placeInCar(invocation, argument, remote);
  const text = await givenLink(argument, invocation.signal);
  const { logId, remotes: linked, floor, key } = text.startsWith("rlog:") ? parseLink(text) : linkOf(text);
  const given = remote.map(givenRemote);
  const own = new Set(given.map(({ uri }) => uri));
  const others = linked.filter((uri) => !own.has(uri));
  const known = others.filter((uri) => kindOf(uri) !== undefined);
  // If nothing else is left, the error names the unknown scheme.
  const { used, refused } = linkedPlaces(
    known.length + given.length > 0 ? known : others,
    trustedOrigins(trust),
  );
  const all = [...used, ...given];
  if (all.length === 0) throw nothingLeft(refused);
  for (const { why } of refused) await invocation.warn(`rlog: ${why}`);
  return { logId, remotes: all, ...(floor && { floor }), ...(key && { key }) };
}

// Nobody vouches for the id of the log but the file: a link, with the file as a remote, says more.
async function placeInCar(
  { signal }: Invocation,
  text: string,
  remote: readonly string[],
): Promise<LogPlace> {
  const path = carPath(text);
  const [logId, ...others] = await logsInCar(carFile(path), { signal });
  if (logId === undefined)
    throw new CommandError("ERR_NO_LOG", `${path} holds no log: its root is no head of one.`);
  if (others.length > 0)
    throw usageError(`${path} holds several logs. Say which by its id, with --remote ${path}.`);
  return { logId, remotes: [givenRemote(text), ...remote.map(givenRemote)] };
}

function nothingLeft(refused: readonly RefusedRemote[]): CommandError {
  if (refused.length === 0) return usageError("Say where to read from, with --remote URI.");
  return untrusted(refused);
}

/** The error if a link leaves nothing that may be used. */
export function untrusted(refused: readonly RefusedRemote[]): CommandError {
  return new CommandError("ERR_UNTRUSTED", refused.map(({ why }) => why).join(" "));
}

function linkOf(logId: string): LogLink {
  if (isLogId(logId)) return { logId, remotes: [] };
  throw usageError(
    "Give a log by its id, 64 lower-case hexadecimal digits, as rlog init and rlog status print it, or by a link, as " +
      "rlog link prints it. A link can also come from a file (@FILE), a variable (env:NAME), or standard input (-).",
  );
}

/** Whether a text has the form of a log id. */
export function isLogId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
