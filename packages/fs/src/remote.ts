// Both halves in one folder, and its URI (RFC 8089).

import { fileURLToPath, pathToFileURL } from "node:url";
import { InvalidInputError, type Remote } from "@remote-log/core";
import { checkArgument, checkOptionTypes, optionKinds } from "@remote-log/core/adapter";
import { fsNames } from "./names.ts";
import { checkOptions, type FsRemoteOptions } from "./options.ts";
import { fsStorage } from "./storage.ts";

/**
 * Contents and names in one folder.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @throws UnsupportedError `ERR_UNSUPPORTED` on Windows
 *
 * @example
 * ```ts
 * import { fsRemote } from "@remote-log/fs";
 *
 * const remote = fsRemote({ root: "shared-folder" });
 * ```
 */
export function fsRemote(options: FsRemoteOptions): Remote {
  const { root } = checkOptions(options, 0);
  const { label, ...rest } = options;
  return {
    label: label ?? pathToFileURL(root).href,
    storage: fsStorage({ ...rest, root }),
    names: fsNames({ ...rest, root }),
  };
}

const aUri = { ...optionKinds.text, expected: 'a string, such as "file:///srv/log"' };

/**
 * The remote that a `file:` URI (RFC 8089) names: `file:///srv/my%20log` or `file://localhost/srv/log`.
 *
 * Strict: an absolute path on this machine, percent-encoded, without query, fragment, white space, backslash or
 * encoded slash. Anything else might be read as another folder than the one that was meant.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for any other text
 *
 * @example
 * ```ts
 * import { fsRemoteFromUri } from "@remote-log/fs";
 *
 * const remote = fsRemoteFromUri("file:///media/stick/log", { create: false });
 * ```
 */
export function fsRemoteFromUri(uri: string, options: Omit<FsRemoteOptions, "root"> = {}): Remote {
  checkArgument(uri, aUri, { name: "The URI of a folder", operation: "fs.open" });
  checkOptionTypes(options, {}, { name: "fsRemoteFromUri", operation: "fs.open" });
  return fsRemote({ ...options, root: pathFromUri(uri) });
}

function pathFromUri(uri: string): string {
  if (!uri.startsWith("file:")) throw invalid(uri, "it does not begin with file:");
  const host = /^file:\/\/([^/]*)\//.exec(uri)?.[1];
  if (host === undefined) throw invalid(uri, "it has no absolute path after file://");
  if (host !== "" && host !== "localhost") {
    throw invalid(uri, "it names another host, and only folders of this machine can be used");
  }
  if (/[?#]/.test(uri)) throw invalid(uri, "it has a query or a fragment (write ? as %3F and # as %23)");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are what URL parsers drop silently
  if (/[\u0000-\u0020\u007f\\]/.test(uri)) {
    throw invalid(uri, "it holds white space, a control character or a backslash (percent-encode them)");
  }
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw invalid(uri, cause instanceof Error ? cause.message : "it can't be decoded", cause);
  }
}

function invalid(uri: string, why: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(
    `${JSON.stringify(uri)} is no URI of a folder: ${why}. The form is file:///absolute/path.`,
    { operation: "fs.open", cause },
  );
}
