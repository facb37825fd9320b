// A folder that any web server can serve.

import { pathToFileURL } from "node:url";
import type { Remote } from "@remote-log/core";
import { checkOptions, type FsRemoteOptions } from "../options.ts";
import { storageIn } from "../storage.ts";
import { staticNames } from "./names.ts";

/**
 * Contents and names in a folder as a web server can serve it, without a program of its own: `nginx`, GitHub Pages, or
 * `python3 -m http.server`. What is written here, `publicS3Remote` of `@remote-log/s3/public` reads over HTTP, in browsers too.
 *
 * - `<root>/contents/<SHA-256 of the content>`
 * - `<root>/names/<SHA-256 of the name>`: what the name holds
 *
 * Everything is durable before it is acknowledged, and replaced in one step, so that the server never shows half of it. Compare-and-set is
 * `"none"`: let one writer, or one mirror, use the folder.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @throws UnsupportedError `ERR_UNSUPPORTED` on Windows
 *
 * @example
 * ```ts
 * import { staticRemote } from "@remote-log/fs";
 *
 * const remote = staticRemote({ root: "public/log" });
 * ```
 */
export function staticRemote(options: FsRemoteOptions): Remote {
  const { label, ...rest } = options;
  const { root } = checkOptions(rest, 0);
  return {
    label: label ?? pathToFileURL(root).href,
    storage: storageIn({ ...rest, root }, 0),
    names: staticNames({ ...rest, root }),
  };
}
