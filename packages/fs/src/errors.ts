// What an error of the system means.

import {
  DeniedError,
  IntegrityError,
  InvalidInputError,
  QuotaExhaustedError,
  type RemoteLogError,
  UnreachableError,
  UnsupportedError,
} from "@remote-log/core";
import { type OperationContext, unknownOutcome } from "@remote-log/core/adapter";

type Kind =
  | "denied"
  | "read-only"
  | "quota"
  | "files"
  | "invalid"
  | "tampered"
  | "unsupported"
  | "unreachable";

/**
 * What each errno code means. A link, or something else in the place of a file or folder that this adapter made,
 * was put there by somebody else: that is forged storage (integrity), not a lack of permission.
 * Codes that are not here mean that no usable answer came.
 */
const kinds: Readonly<Record<string, Kind>> = {
  EACCES: "denied",
  EPERM: "denied",
  EROFS: "read-only",
  ENOSPC: "quota",
  EDQUOT: "quota",
  EFBIG: "quota",
  EMLINK: "quota",
  ENAMETOOLONG: "invalid",
  ELOOP: "tampered",
  ENOTDIR: "tampered",
  EISDIR: "tampered",
  ENOTSUP: "unsupported",
  EOPNOTSUPP: "unsupported",
  ENOSYS: "unsupported",
  EINVAL: "unsupported",
  EILSEQ: "unsupported",
  ENOKEY: "denied",
  EMFILE: "files",
  ENFILE: "files",
};

/** Codes that Node has no name for, by their number on Linux: the folder is encrypted, and its key was not given. */
const unnamed: Readonly<Record<number, string>> = { 126: "ENOKEY" };

/** The errno code of an error of the system, such as `"ENOENT"`; `undefined` for every other value. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  const number = "errno" in error && typeof error.errno === "number" ? -error.errno : 0;
  if (process.platform === "linux" && number in unnamed) return unnamed[number];
  return typeof error.code === "string" ? error.code : undefined;
}

/**
 * Maps an error of the system to one of the project's; anything else (an abort, an error of the project, a
 * mistake in the program) comes back as it is. `ENOENT` is settled where it occurs: here it means that a
 * folder went away in the middle of an operation.
 */
export function fromErrno(error: unknown, context: OperationContext): unknown {
  const code = errnoOf(error);
  return code === undefined ? error : errorFor(code, error, context);
}

function errorFor(code: string, cause: unknown, { operation, action }: OperationContext): RemoteLogError {
  const options = { operation, cause };
  const failed = `${action.charAt(0).toUpperCase()}${action.slice(1)} failed (${code})`;
  switch (kinds[code]) {
    case "denied":
      return new DeniedError(
        `${failed}: the system refused. Check the owner and mode of the folder, and that it is mounted for writing.`,
        options,
      );
    case "read-only":
      return new DeniedError(
        `${failed}: the filesystem is read-only. Unlock the card, or mount it for writing. If nobody made it read-only, the system ` +
          "did so after errors of the disk: look at its log.",
        options,
      );
    case "quota":
      return new QuotaExhaustedError(
        `${failed}: the filesystem has no room left. Free some, then retry.`,
        options,
      );
    case "invalid":
      return new InvalidInputError(
        `${failed}: the path of the folder is too long for this filesystem.`,
        options,
      );
    case "tampered":
      return new IntegrityError(
        `${failed}: a link, or something else that this adapter never puts there, is in the place of a file ` +
          "or folder of the remote. It was not followed. Find out who put it there.",
        options,
      );
    case "unsupported":
      return new UnsupportedError(`${failed}: this filesystem cannot do it.`, options);
    case "files":
      return new UnreachableError(
        `${failed}: ${code === "EMFILE" ? "this process" : "this machine"} has too many files open, and none became free. ` +
          "Close some, or raise the limit (`ulimit -n`), then retry.",
        options,
      );
    default:
      return new UnreachableError(
        `${failed}: the filesystem gave no usable answer.${unknownOutcome(operation)} Check the disk or mount, then retry.`,
        options,
      );
  }
}

/** Maps a failure of `link`: if it says that there are no hard links, so does the error. */
export function fromLinkErrno(error: unknown, context: OperationContext): unknown {
  const code = errnoOf(error);
  // EPERM is what Linux answers for FAT and the like; a lack of permission would be EACCES.
  if (code !== undefined && ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV"].includes(code)) {
    return new UnsupportedError(
      `The filesystem has no hard links (${code}), and names need them for compare-and-set. ` +
        "Keep the names on another filesystem or another kind of remote; contents can stay.",
      { operation: context.operation, cause: error },
    );
  }
  return fromErrno(error, context);
}

/** Maps a failure of fsync on a folder: some network and user-space filesystems have none. */
export function fromFolderSyncErrno(error: unknown, context: OperationContext): unknown {
  const code = errnoOf(error);
  if (code !== undefined && ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(code)) {
    return new UnsupportedError(
      `The filesystem cannot make a folder durable (fsync: ${code}). Use another one, or ` +
        "`sync: false` if a power cut may lose what was written.",
      { operation: context.operation, cause: error },
    );
  }
  return fromErrno(error, context);
}

/** The refusal of something that is not what this adapter makes, such as a symbolic link or a named pipe. */
export function foreignEntry(what: string, context: OperationContext): IntegrityError {
  return new IntegrityError(
    `While ${context.action}, ${what} was found in the place of a file or folder of the remote. It was not ` +
      "followed. Find out who put it there.",
    { operation: context.operation },
  );
}
