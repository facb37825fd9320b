// The schemes that `rlog` knows, and the kind of remote behind each.

import { builtInSchemes } from "./built-in-schemes.ts";
import type { OpenRemote, RemoteKind } from "./remote-kind.ts";

const kinds = new Map<string, RemoteKind>(builtInSchemes);

/**
 * Adds a kind of remote to `rlog`, or replaces one.
 *
 * @example
 * ```ts
 * import { registerScheme, runRlog } from "@remote-log/cli";
 * import { fsRemote } from "@remote-log/fs";
 *
 * registerScheme("stick", (uri, label) => fsRemote({ label, root: `/media/${uri.slice("stick:".length)}` }));
 * process.exitCode = await runRlog(process.argv.slice(2));
 * ```
 *
 * @param scheme - the scheme of its URIs, in lower case, without the colon
 * @param kind - everything that `rlog` does with such a remote, or only how to open one
 */
export function registerScheme(scheme: string, kind: OpenRemote | RemoteKind): void {
  kinds.set(scheme, typeof kind === "function" ? { open: kind } : kind);
}

/** The kind of remote behind the scheme of a URI; `undefined` if the scheme is unknown. */
export function kindOf(uri: string): RemoteKind | undefined {
  return kinds.get(uri.slice(0, uri.indexOf(":")));
}

/** The schemes that are known, for a message: `file:, s3:, …`. */
export function knownSchemes(): string {
  return [...kinds.keys()].map((name) => `${name}:`).join(", ");
}
