// What the SDK throws, taken apart into what is safe to keep.

import { parseRetryAfter } from "@remote-log/core/adapter";
import { elementOf, regionOf } from "./answer-text.ts";
import { ServiceFailure } from "./service-failure.ts";
import { codeOfRuntime, wordsOfRuntime } from "./unanswered.ts";

/** What an error of the SDK may carry; nothing of it is there for sure. */
interface SdkError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: { readonly code?: unknown; readonly message?: unknown };
  readonly $metadata?: {
    readonly httpStatusCode?: unknown;
    readonly requestId?: unknown;
  };
  readonly $response?: { readonly headers?: Readonly<Record<string, unknown>>; readonly body?: unknown };
  readonly Region?: unknown;
}

/** What the SDK says in words alone, with the code that stands for it here. */
const codeOfWords: readonly (readonly [words: string, code: string])[] = [
  ["Region is missing", "RegionMissing"],
  ["Checksum mismatch", "ChecksumMismatch"],
];

/**
 * The body of an answer that the SDK could not parse, which it leaves with its error: because the body is not XML, or
 * because there is no parser: the SDK uses the browser's, and workers have none.
 */
export function unparsedText(thrown: unknown): string | undefined {
  return textOf((thrown as SdkError | null | undefined)?.$response?.body);
}

/** Takes from an error of the SDK what is safe to keep. */
export function fromSdkError(thrown: unknown): ServiceFailure {
  const error: SdkError =
    typeof thrown === "object" && thrown !== null ? thrown : { message: String(thrown) };
  const status = error.$metadata?.httpStatusCode;
  const headers = error.$response?.headers ?? {};
  const body = unparsedText(error);
  const said = typeof status === "number" ? wordsOf(error) : wordsOfRuntime(error);
  const text = (body === undefined ? said : elementOf(body, "Message")) ?? "";
  return new ServiceFailure({
    code: (body === undefined ? codeOf(error, typeof status === "number") : elementOf(body, "Code")) ?? "",
    text,
    status: typeof status === "number" ? status : undefined,
    server: textOf(headers["server"]),
    region: regionOf(headers["x-amz-bucket-region"], error.Region, /expecting '([^']*)'/.exec(text)?.[1]),
    requestId: textOf(error.$metadata?.requestId),
    retryAfterMilliseconds: parseRetryAfter(textOf(headers["retry-after"])),
  });
}

/** What the service said; nothing if the SDK fills in that it knows nothing. */
function wordsOf({ message }: SdkError): string | undefined {
  const text = textOf(message);
  return text === "UnknownError" || text === "Unknown" ? undefined : text;
}

function codeOf(error: SdkError, isAnswered: boolean): string {
  const name = textOf(error.name) ?? "";
  if (isAnswered)
    return ["Unknown", "UnknownError", "Error", "S3ServiceException"].includes(name) ? "" : name;
  const said = codeOfWords.find(([words]) => textOf(error.message)?.startsWith(words));
  return codeOfRuntime(error) || (said?.[1] ?? "");
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
