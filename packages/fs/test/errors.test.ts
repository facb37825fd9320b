import { isRemoteLogError, type RemoteLogError } from "@remote-log/core";
import { expect, test } from "vitest";
import { errnoOf, fromErrno, fromFolderSyncErrno, fromLinkErrno } from "../src/errors.ts";

const context = { operation: "storage.put", action: "storing a content in /srv/log" };

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: something, open '/srv/log/x'`), {
    code,
    syscall: "open",
    errno: -1,
  });
}

const table: readonly (readonly [string, string, string])[] = [
  ["EACCES", "ERR_DENIED", "never"],
  ["EPERM", "ERR_DENIED", "never"],
  ["EROFS", "ERR_DENIED", "never"],
  ["ENOSPC", "ERR_QUOTA", "never"],
  ["EDQUOT", "ERR_QUOTA", "never"],
  ["EFBIG", "ERR_QUOTA", "never"],
  ["EMLINK", "ERR_QUOTA", "never"],
  ["ENAMETOOLONG", "ERR_INVALID_INPUT", "never"],
  ["ELOOP", "ERR_INTEGRITY", "never"],
  ["ENOTDIR", "ERR_INTEGRITY", "never"],
  ["EISDIR", "ERR_INTEGRITY", "never"],
  ["ENOTSUP", "ERR_UNSUPPORTED", "never"],
  ["EOPNOTSUPP", "ERR_UNSUPPORTED", "never"],
  ["ENOSYS", "ERR_UNSUPPORTED", "never"],
  ["EINVAL", "ERR_UNSUPPORTED", "never"],
  ["EILSEQ", "ERR_UNSUPPORTED", "never"],
  ["ENOKEY", "ERR_DENIED", "never"],
  ["EIO", "ERR_UNREACHABLE", "safe"],
  ["ETIMEDOUT", "ERR_UNREACHABLE", "safe"],
  ["ESTALE", "ERR_UNREACHABLE", "safe"],
  ["ENOTCONN", "ERR_UNREACHABLE", "safe"],
  ["EHOSTDOWN", "ERR_UNREACHABLE", "safe"],
  ["EMFILE", "ERR_UNREACHABLE", "safe"],
  ["ENFILE", "ERR_UNREACHABLE", "safe"],
  ["EBUSY", "ERR_UNREACHABLE", "safe"],
  ["ENODEV", "ERR_UNREACHABLE", "safe"],
  ["ENOENT", "ERR_UNREACHABLE", "safe"],
  ["EWHATEVER", "ERR_UNREACHABLE", "safe"],
];

test.each(table)("%s becomes %s with the verdict %s, its cause kept", (code, expected, retry) => {
  const cause = systemError(code);
  const error = fromErrno(cause, context) as RemoteLogError;
  expect(isRemoteLogError(error)).toBe(true);
  expect(error).toMatchObject({ code: expected, retry, operation: "storage.put", cause });
  expect(error.message).toContain(code);
  expect(error.message).toContain("/srv/log");
});

test.each(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV"])(
  "%s from link says that the filesystem has no hard links",
  (code) => {
    const error = fromLinkErrno(systemError(code), context) as RemoteLogError;
    expect(error.code).toBe("ERR_UNSUPPORTED");
    expect(error.message).toContain("no hard links");
  },
);

test("EACCES from link is a lack of permission, not of hard links", () => {
  expect(fromLinkErrno(systemError("EACCES"), context)).toMatchObject({ code: "ERR_DENIED" });
});

test.each(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])(
  "%s from fsync of a folder names the option sync",
  (code) => {
    const error = fromFolderSyncErrno(systemError(code), context) as RemoteLogError;
    expect(error.code).toBe("ERR_UNSUPPORTED");
    expect(error.message).toContain("sync: false");
  },
);

test("EIO from fsync of a folder leaves the outcome unknown", () => {
  expect(fromFolderSyncErrno(systemError("EIO"), context)).toMatchObject({ code: "ERR_UNREACHABLE" });
});

test("a read-only filesystem is told as one, with what to do", () => {
  const { message } = fromErrno(systemError("EROFS"), context) as Error;
  expect(message).toContain("read-only");
  expect(message).toContain("mount it for writing");
});

test.runIf(process.platform === "linux")(
  "an encrypted folder without its key has a code that Node does not name",
  () => {
    const error = Object.assign(systemError("Unknown system error -126"), { errno: -126 });
    expect(errnoOf(error)).toBe("ENOKEY");
    // By a number alone, as the system gives it.
    expect(errnoOf(Object.assign(systemError("EIO"), { errno: "-126" }))).toBe("EIO");
  },
);

test("on other systems, the number of that code means something else", () => {
  const { platform } = process;
  const error = Object.assign(systemError("EIO"), { errno: -126 });
  try {
    Object.defineProperty(process, "platform", { value: "other" });
    expect(errnoOf(error)).toBe("EIO");
  } finally {
    Object.defineProperty(process, "platform", { value: platform });
  }
});

test("an abort and a mistake in the program pass through unchanged", () => {
  const abort = new DOMException("stop", "AbortError");
  expect(fromErrno(abort, context)).toBe(abort);
  const mistake = Object.assign(new TypeError("bad"), { code: "ERR_INVALID_ARG_TYPE" });
  expect(fromErrno(mistake, context)).toBe(mistake);
  expect(errnoOf("text")).toBeUndefined();
});

test.each([
  ["storage.put", true],
  ["storage.delete", true],
  ["names.update", true],
  ["storage.get", false],
  ["storage.has", false],
  ["storage.list", false],
  ["names.resolve", false],
])(
  "a failed %s says that the outcome of a write is unknown: %s, if no usable answer came",
  (operation, isWrite) => {
    for (const code of ["EIO", "ETIMEDOUT", "ESTALE"]) {
      const { message } = fromErrno(systemError(code), { ...context, operation }) as RemoteLogError;
      expect(message.includes("The outcome of the write is unknown."), message).toBe(isWrite);
    }
    for (const code of ["EACCES", "ENOSPC", "ENAMETOOLONG", "ELOOP", "ENOSYS"]) {
      const { message } = fromErrno(systemError(code), { ...context, operation }) as RemoteLogError;
      expect(message).not.toContain("outcome");
    }
  },
);
