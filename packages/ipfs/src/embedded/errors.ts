// What failures of stores and routings mean: of any version of `interface-store`, Helia, and what is over them.
//
// They are told apart by `name` and `code`. Some stores keep no more of a cause than its text: there the code of the system is
// read from the store's own words.

import {
  DeniedError,
  QuotaExhaustedError,
  type RemoteLogError,
  TimeoutError,
  UnreachableError,
} from "@remote-log/core";
import { cleanText, type OperationContext, unknownOutcome } from "@remote-log/core/adapter";

/** What stores of all versions call an absence; and what Helia says that has nobody else to ask for a block. */
const MISSING: ReadonlySet<string> = new Set([
  "NotFoundError",
  "ERR_NOT_FOUND",
  "LEVEL_NOT_FOUND",
  "RecordNotFoundError",
  "BlockNotFoundWhileOfflineError",
  "InvalidConfigurationError",
]);

/** A code of the system, `EACCES`, in a text. */
const ERRNO = /\bE[A-Z]{2,}\b/;

/**
 * Whether an error says that something is not there. Stores over files give every failure that name, with the code of the
 * system in the text: only `ENOENT` means an absence.
 */
export function saysMissing(error: unknown): boolean {
  const { name, code } = partsOf(error);
  if (!MISSING.has(name) && !MISSING.has(code)) return false;
  const errno = ERRNO.exec(textOf(error))?.[0];
  return errno === undefined || errno === "ENOENT";
}

/** Whether Helia says that nobody it asked gave a block. */
export function saysNobodyGaveIt(error: unknown): boolean {
  return partsOf(error).name === "LoadBlockFailedError";
}

/** Whether every router of a routing answered that it has no record. That is also so if there is no router. */
export function saysNoRecord(error: unknown): boolean {
  const { errors } = partsOf(error);
  return saysMissing(error) || (errors?.every((one) => saysNoRecord(one)) ?? false);
}

/** Whether an error says that a block is pinned already. Earlier versions of Helia say so in words only. */
export function saysPinned(error: unknown): boolean {
  return partsOf(error).name === "AlreadyPinnedError" || /\balready pinned\b/i.test(textOf(error));
}

/** What a failure of a store or a routing means. Errors of stores may hold whole blocks: only their text is kept. */
export function translateStoreFailure(
  error: unknown,
  { operation, action }: OperationContext,
): RemoteLogError {
  const { name, code } = partsOf(error);
  const text = textOf(error);
  const words = `${name} ${code} ${text}`;
  const options = { operation, cause: new Error(text) };
  const failed = `While ${action}: ${text}.`;
  const unknown = unknownOutcome(operation);
  if (/\b(EACCES|EPERM|EROFS|NotAllowedError|SecurityError)\b/.test(words)) {
    return new DeniedError(`${failed} Check who may write there.`, options);
  }
  if (/\b(ENOSPC|EDQUOT|QuotaExceededError)\b/.test(words)) {
    return new QuotaExhaustedError(`${failed} Make room, then try again.`, options);
  }
  if (/\b(ETIMEDOUT|ERR_TIMEOUT|TimeoutError)\b/.test(words)) {
    return new TimeoutError(`${failed}${unknown} Try again, or allow more time.`, options);
  }
  return new UnreachableError(`${failed}${unknown} Is it open, or started? Then try again.`, options);
}

interface ErrorParts {
  readonly name: string;
  readonly code: string;
  /** The errors that an `AggregateError` is made of. */
  readonly errors: readonly unknown[] | undefined;
}

function partsOf(error: unknown): ErrorParts {
  const { name, code, errors } = (error ?? {}) as { name?: unknown; code?: unknown; errors?: unknown };
  return {
    name: typeof name === "string" ? name : "",
    code: typeof code === "string" ? code : "",
    errors: Array.isArray(errors) ? (errors as unknown[]) : undefined,
  };
}

/** What an error says, with its cause and what it is made of. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return "it failed";
  const { errors = [] } = partsOf(error);
  const inner = [error.cause, ...errors].filter((one) => one instanceof Error).map((one) => one.message);
  return cleanText([error.message === "" ? error.name : error.message, ...inner].join(": "));
}
