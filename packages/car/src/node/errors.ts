// What an error of the system means for a CAR file.

import {
  type FailureKind,
  type FailureOptions,
  failureOf,
  type OperationContext,
} from "@remote-log/core/adapter";

const kinds: Readonly<Record<string, FailureKind>> = {
  EACCES: "denied",
  EPERM: "denied",
  EROFS: "denied",
  ENOSPC: "quota",
  EDQUOT: "quota",
  EFBIG: "quota",
  EISDIR: "invalid",
  ENOTDIR: "invalid",
  ENAMETOOLONG: "invalid",
};

const words: Readonly<Record<string, Pick<FailureOptions, "what" | "advice">>> = {
  ENOENT: {
    what: "there is no such file or folder",
    advice: "Check the path, and that the drive is mounted.",
  },
  EFBIG: {
    what: "the filesystem holds no file of that size",
    advice: "FAT takes 4 GiB at most: export ranges of entries, or format it as exFAT.",
  },
  EISDIR: { what: "there is a folder", advice: "Name a file." },
  ENOSPC: { what: "there is no room left", advice: "Free some, then try again." },
  EACCES: { what: "the system refused", advice: "Check the owner and mode of the file and its folder." },
};

/** The error for a failure of the system; anything else comes back as it is. */
export function fromErrno(error: unknown, context: OperationContext): unknown {
  const code = errnoOf(error);
  if (code === undefined) return error;
  const kind = kinds[code] ?? "unreachable";
  return failureOf(kind, context, { cause: error, detail: code, outcome: "none", ...words[code] });
}

/** The code of an error of the system, such as `"ENOENT"`; `undefined` for everything else. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
