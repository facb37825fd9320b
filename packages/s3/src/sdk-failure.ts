import { ServiceFailure } from "./service-failure.ts";

/** What an error of the SDK may carry; nothing of it is there for sure. */
interface SdkError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown; readonly requestId?: unknown };
  readonly $response?: { readonly headers?: Readonly<Record<string, unknown>>; readonly body?: unknown };
  readonly Region?: unknown;
}

/**
 * The body of an answer that the SDK could not parse, which it leaves with its error: because the body is not XML, or
 * because there is no parser. The SDK takes that of the browser, and browsers have none in workers.
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
  const message = (body === undefined ? textOf(error.message) : elementOf(body, "Message")) ?? "";
  return new ServiceFailure({
    code: (body === undefined ? codeOf(error, typeof status === "number") : elementOf(body, "Code")) ?? "",
    text: message,
    status: typeof status === "number" ? status : undefined,
    server: textOf(headers["server"]),
    region: regionOf(headers["x-amz-bucket-region"], error.Region, /expecting '([^']*)'/.exec(message)?.[1]),
    requestId: textOf(error.$metadata?.requestId),
  });
}

function codeOf(error: SdkError, answered: boolean): string {
  const name = textOf(error.name) ?? "";
  if (answered) return ["Unknown", "UnknownError", "Error", "S3ServiceException"].includes(name) ? "" : name;
  // The SDK calls a refused connection "TimeoutError" too; the code of the system tells more.
  const deeper = textOf(error.code) ?? textOf((error.cause as SdkError | undefined)?.code);
  return deeper ?? (name === "Error" ? "" : name);
}

function elementOf(xml: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
}

function regionOf(...candidates: readonly unknown[]): string | undefined {
  return candidates.map(textOf).find((text) => text !== undefined && /^[a-z0-9-]{1,40}$/.test(text));
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
