// Options, checked.

import { resolve } from "node:path";
import { InvalidInputError, UnsupportedError } from "@remote-log/core";
import { checkOptionTypes, type OptionKind, optionKinds } from "@remote-log/core/adapter";

/** Options that the storage and the names in a folder share. */
export interface FsOptions {
  /**
   * The folder, as a path. A relative path is resolved against the working directory once, at the call. The
   * folder itself may be a symbolic link (resolved at first use); nothing inside it may be one.
   */
  readonly root: string;
  /**
   * Whether a missing folder is made at the first write, and counts as empty until then. Default `true`.
   * With `false` the folder must hold a remote already, and anything else is `UnreachableError`: the setting
   * for a drive that may not be mounted.
   */
  readonly create?: boolean | undefined;
  /**
   * Whether writes are made durable (fsync of files and folders) before they are acknowledged. Default `true`.
   * `false` is for throwaway data: a power cut may then lose, cut short or mix up what was acknowledged, names
   * included. (A crash of the process alone loses nothing either way.)
   */
  readonly sync?: boolean | undefined;
}

/** Options of `fsStorage`. */
export interface FsStorageOptions extends FsOptions {
  /** The largest content to store and to read, in bytes. Default 64 MiB (67,108,864); at most 2,147,483,647. */
  readonly largestContent?: number | undefined;
}

/** Options of `fsNames`. */
export interface FsNamesOptions extends FsOptions {
  /** The largest content of a name, in bytes. Default 1 MiB (1,048,576); at most 2,147,483,647. */
  readonly largestContent?: number | undefined;
}

/** Options of `fsRemote`. */
export interface FsRemoteOptions extends FsOptions {
  /** What the remote is called in receipts, states and errors. Default: the `file:` URI of the folder. */
  readonly label?: string | undefined;
}

/** The options with every default filled in. */
export interface CheckedOptions {
  readonly root: string;
  readonly create: boolean;
  readonly sync: boolean;
  readonly largestContent: number;
}

const LARGEST_CONTENT = 2 ** 31 - 1;

const { flag, number, required, text } = optionKinds;

const kinds: Readonly<Record<keyof FsRemoteOptions | "largestContent", OptionKind>> = {
  root: required(text, 'a string, the path of a folder, such as "shared-folder"'),
  create: flag,
  sync: flag,
  largestContent: number,
  label: text,
};

/**
 * Checks options and fills in defaults.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a path or a limit that can't be used
 * @throws UnsupportedError `ERR_UNSUPPORTED` on Windows
 */
export function checkOptions(
  options: FsOptions & { readonly largestContent?: number | undefined },
  largestContent: number,
): CheckedOptions {
  if (process.platform === "win32") {
    throw new UnsupportedError(
      "A remote in a folder needs folders that can be fsynced and files opened without following links, " +
        "which Windows does not offer. Use a POSIX system, such as Linux or macOS.",
      { operation: "fs.open" },
    );
  }
  checkOptionTypes(options, kinds, { name: "a remote in a folder", operation: "fs.open" });
  const { root } = options;
  if (typeof root !== "string" || root === "" || root.includes("\0")) {
    throw new InvalidInputError("The root of a remote in a folder must be a path: not empty, without NUL.", {
      operation: "fs.open",
    });
  }
  const limit = options.largestContent ?? largestContent;
  if (!Number.isSafeInteger(limit) || limit < 0 || limit > LARGEST_CONTENT) {
    throw new InvalidInputError(
      `largestContent must be a whole number from 0 to ${LARGEST_CONTENT}, not ${limit}.`,
      { operation: "fs.open" },
    );
  }
  return {
    root: resolve(root),
    create: options.create ?? true,
    sync: options.sync ?? true,
    largestContent: limit,
  };
}
