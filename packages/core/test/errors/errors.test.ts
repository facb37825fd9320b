// What callers decide by: these values stay what they are across versions.

import { expect, test } from "vitest";
import {
  ClosedError,
  ConflictError,
  DeniedError,
  ForkError,
  hasCode,
  IntegrityError,
  InvalidInputError,
  isRemoteLogError,
  JournalCorruptError,
  JournalError,
  JournalLockedError,
  MalformedError,
  NameConflictError,
  NoKeyError,
  NotFoundError,
  NotPropagatedError,
  QuotaExhaustedError,
  RemoteChangedError,
  RemoteLogError,
  type RemoteLogErrorOptions,
  RemovedError,
  RestoredError,
  RollbackError,
  StaleError,
  SupersededError,
  TimeoutError,
  TooLargeError,
  UnreachableError,
  UnsupportedError,
  WithheldError,
} from "../../src/errors/index.ts";

const operation = "test.run";
const evidence = { genesis: new Uint8Array(1), smaller: "a", larger: "b", path: [] };

type Make = (options: RemoteLogErrorOptions) => RemoteLogError;
const errors: readonly [name: string, code: string, make: Make][] = [
  ["ClosedError", "ERR_CLOSED", (options) => new ClosedError("no", options)],
  [
    "ConflictError",
    "ERR_CONFLICT",
    (options) => new ConflictError("no", { ...options, foreign: Uint8Array.of(1) }),
  ],
  ["DeniedError", "ERR_DENIED", (options) => new DeniedError("no", options)],
  ["ForkError", "ERR_FORK", (options) => new ForkError("no", { ...options, evidence })],
  ["IntegrityError", "ERR_INTEGRITY", (options) => new IntegrityError("no", options)],
  ["InvalidInputError", "ERR_INVALID_INPUT", (options) => new InvalidInputError("no", options)],
  ["JournalCorruptError", "ERR_JOURNAL_CORRUPT", (options) => new JournalCorruptError("no", options)],
  ["JournalError", "ERR_JOURNAL", (options) => new JournalError("no", options)],
  ["JournalLockedError", "ERR_JOURNAL_LOCKED", (options) => new JournalLockedError("no", options)],
  ["MalformedError", "ERR_MALFORMED", (options) => new MalformedError("no", options)],
  ["NameConflictError", "ERR_NAME_CONFLICT", (options) => new NameConflictError("no", options)],
  ["NoKeyError", "ERR_NO_KEY", (options) => new NoKeyError("no", { ...options, reason: "no-key" })],
  ["NotFoundError", "ERR_NOT_FOUND", (options) => new NotFoundError("no", options)],
  ["QuotaExhaustedError", "ERR_QUOTA", (options) => new QuotaExhaustedError("no", options)],
  [
    "RemoteChangedError",
    "ERR_REMOTE_CHANGED",
    (options) => new RemoteChangedError("no", { ...options, reason: "gone" }),
  ],
  ["RemovedError", "ERR_REMOVED", (options) => new RemovedError("no", { ...options, sequence: 3, next: 4 })],
  [
    "RestoredError",
    "ERR_RESTORED",
    (options) => new RestoredError("no", { ...options, local: 1, published: 2 }),
  ],
  [
    "RollbackError",
    "ERR_ROLLBACK",
    (options) => new RollbackError("no", { ...options, offered: 1, verified: 2 }),
  ],
  ["SupersededError", "ERR_SUPERSEDED", (options) => new SupersededError("no", options)],
  ["TooLargeError", "ERR_TOO_LARGE", (options) => new TooLargeError("no", { ...options, limit: 7 })],
  ["UnsupportedError", "ERR_UNSUPPORTED", (options) => new UnsupportedError("no", options)],
  ["WithheldError", "ERR_WITHHELD", (options) => new WithheldError("no", { ...options, sequence: 3 })],
];
const passing: typeof errors = [
  ["NotPropagatedError", "ERR_NOT_PROPAGATED", (options) => new NotPropagatedError("no", options)],
  ["StaleError", "ERR_STALE", (options) => new StaleError("no", options)],
  ["TimeoutError", "ERR_TIMEOUT", (options) => new TimeoutError("no", options)],
  ["UnreachableError", "ERR_UNREACHABLE", (options) => new UnreachableError("no", options)],
];

test.each(errors)("a %s has the code %s, and the same call fails again", (name, code, make) => {
  const error = make({ operation });
  expect(error).toBeInstanceOf(RemoteLogError);
  expect(error).toMatchObject({ name, code, operation, message: "no", retry: "never" });
  expect(make({ operation, retry: "safe" }).retry).toBe("safe");
});

test.each(passing)("a %s has the code %s, and the same call may succeed", (name, code, make) => {
  const error = make({ operation });
  expect(error).toBeInstanceOf(RemoteLogError);
  expect(error).toMatchObject({ name, code, operation, message: "no", retry: "safe" });
  expect(make({ operation, retry: "exhausted" }).retry).toBe("exhausted");
});

test("an adapter's own error has the code that it was given", () => {
  expect(new RemoteLogError("ERR_OWN", "no", { operation })).toMatchObject({
    name: "RemoteLogError",
    code: "ERR_OWN",
    retry: "never",
  });
});

test("errors carry what they are about", () => {
  const foreign = Uint8Array.of(1);
  expect(new ConflictError("no", { operation, foreign }).foreign).toBe(foreign);
  expect(new ForkError("no", { operation, evidence }).evidence).toBe(evidence);
  expect(new RemovedError("no", { operation, sequence: 3, next: 7 })).toMatchObject({ sequence: 3, next: 7 });
  expect(new WithheldError("no", { operation, sequence: 3 }).sequence).toBe(3);
  expect(new RestoredError("no", { operation, local: 1, published: 2 })).toMatchObject({
    local: 1,
    published: 2,
  });
  expect(new RollbackError("no", { operation, offered: 1, verified: 2 })).toMatchObject({
    offered: 1,
    verified: 2,
  });
  expect(new StaleError("no", { operation, offered: 1, verified: 2 })).toMatchObject({
    offered: 1,
    verified: 2,
  });
  expect(new TooLargeError("no", { operation, limit: 7 }).limit).toBe(7);
  expect(new NoKeyError("no", { operation, reason: "wrong-key" }).reason).toBe("wrong-key");
  expect(new SupersededError("no", { operation, evidence, from: 0 })).toMatchObject({ evidence, from: 0 });
  const lost = { from: 3, to: 5 };
  expect(new JournalCorruptError("no", { operation, lost }).lost).toBe(lost);
  expect(new JournalCorruptError("no", { operation }).lost).toBeUndefined();
});

test("an error tells the cause, the reason and the wait, if there are any", () => {
  const bare = new StaleError("no", { operation });
  // Consoles print a cause even if it is undefined.
  expect(bare).not.toHaveProperty("cause");
  expect([bare.reason, bare.retryAfterMilliseconds, bare.offered, bare.verified]).toEqual(
    new Array(4).fill(undefined),
  );
  const cause = new TypeError("fetch failed");
  const told = new UnreachableError("no", { operation, cause, reason: "busy", retryAfterMilliseconds: 0 });
  expect(told).toMatchObject({ cause, reason: "busy", retryAfterMilliseconds: 0 });
  // As that of any other error: logs of errors as objects do not hold it twice.
  const own = (error: Error): unknown => ({ ...Object.getOwnPropertyDescriptor(error, "cause") });
  expect(own(told)).toEqual(own(new Error("no", { cause })));
});

test("every error is known by what all copies of this package give it, and does not show that", () => {
  for (const [, code, make] of [...errors, ...passing]) {
    const error = make({ operation });
    expect([isRemoteLogError(error), hasCode(error, code), hasCode(error)]).toEqual([true, true, false]);
    expect(Object.getOwnPropertySymbols(Object.assign({}, error))).toEqual([]);
  }
});

test("an error of another copy of this package is one of its errors, and a foreign one with such a code is none", () => {
  const copy = Object.assign(new Error("no"), { code: "ERR_STALE", [Symbol.for("remote-log.error")]: true });
  expect(isRemoteLogError(copy)).toBe(true);
  expect(hasCode(copy, "ERR_FORK", "ERR_STALE")).toBe(true);
  expect(hasCode(copy, "ERR_FORK")).toBe(false);
  const foreign = Object.assign(new Error("no"), { code: "ERR_STALE" });
  expect(isRemoteLogError(foreign)).toBe(false);
  expect(hasCode(foreign, "ERR_STALE")).toBe(false);
  expect(isRemoteLogError({ code: "ERR_STALE", [Symbol.for("remote-log.error")]: true })).toBe(false);
  expect(isRemoteLogError(undefined)).toBe(false);
});
