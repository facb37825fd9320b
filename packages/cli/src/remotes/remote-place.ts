// `[LABEL=]URI`: how a remote is written on the command line and in config.json.

import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import { usageError } from "../errors/command-error.ts";
import { kindOf, knownSchemes } from "./registry.ts";
import type { LinkAccess, OpenFromLink } from "./remote-kind.ts";

/** Where a remote is, and what it is called. */
export interface RemotePlace {
  readonly label: string;
  readonly uri: string;
  /** How it is opened, if a link names it and the user does not trust it. Absent for the user's own remotes. */
  readonly linked?: { readonly open: OpenFromLink; readonly access: LinkAccess };
}

/** A label in front of a URI, and the URI. */
export const LABELLED: RegExp = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})=(.*)$/s;

/**
 * Parses `[LABEL=]URI`. Without a label, the remote is named after the end of its URI and a hash of all of it, so that
 * its name is always the same.
 *
 * @throws CommandError `ERR_USAGE`. A URI with a user or password is refused, and the message does not repeat it.
 */
export function parseRemote(text: string): RemotePlace {
  const labelled = LABELLED.exec(text);
  const given = labelled?.[2] ?? text;
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(given)?.[1];
  const kind = kindOf(given);
  if (scheme === undefined || kind === undefined) throw unknownScheme(given, scheme);
  const uri = kind.complete?.(given) ?? given;
  // The parsers of URLs take any number of slashes: `https:user:password@host`.
  if (/^[^:]+:(?:\/\/)?[^/?#]*@/.test(uri) || /^[^:]*https?:\/*[^/?#]*@/.test(uri)) {
    throw usageError(
      "The URI of a remote can't hold a user name or a password, because it is stored and shown. Remove them.",
    );
  }
  return { label: labelled?.[1] ?? labelOf(uri), uri };
}

function unknownScheme(uri: string, scheme: string | undefined): Error {
  if (/^(\/?ip[fn]s[:/]|\/(ip4|ip6|dns)|k51|bafz|12D3)/.test(uri)) {
    return usageError(
      "On IPFS, a remote is the RPC of a node, ipfs+http://127.0.0.1:5001, or an IPNS name, ipns://k51….",
    );
  }
  if (scheme === undefined) {
    return usageError(
      `Give a remote as a URI, such as ${pathToFileURL(`${process.cwd()}/remote`).href}, or a folder by its path, such as ./remote. ` +
        `The known schemes are ${knownSchemes()}.`,
    );
  }
  return usageError(`The scheme ${scheme}: is unknown. The known schemes are ${knownSchemes()}.`);
}

function labelOf(uri: string): string {
  const place = uri
    .replace(/[?#].*$/s, "")
    .replace(/\/+$/, "")
    .replace(/\/api\/v0$/, "");
  // Of a server without a path, keep the host too: the port alone tells nobody anything.
  const end = /^[^:]+:\/\/([^/]+)$/.exec(place)?.[1] ?? place.replace(/^.*[/:]/s, "");
  const readable = decoded(end)
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "");
  const hash = createHash("sha256").update(uri).digest("hex").slice(0, 6);
  return `${readable.slice(0, 40) || "remote"}-${hash}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
