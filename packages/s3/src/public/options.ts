// Options of public remotes, checked and with their defaults.

import { InvalidInputError } from "@remote-log/core";
import {
  checkArgument,
  checkOptionTypes,
  type Fetch,
  type OptionKind,
  optionKinds,
  parseUrl,
  requireHttp,
} from "@remote-log/core/adapter";
import {
  ANSWER_MILLISECONDS,
  checkAnswerTime,
  checkLimit,
  LARGEST_CONTENT,
  LARGEST_NAME,
} from "../limits.ts";

/** Options of `publicS3Remote`. */
export interface PublicS3Options {
  /**
   * Where the objects are: the URL of the bucket, or of the CDN before it, with the prefix:
   * `"https://bucket.s3.eu-west-1.amazonaws.com/logs/alice"`. `http:` or `https:`; without credentials, query and fragment.
   */
  readonly url: string;
  /** What the remote is called in states and errors. Default: the URL. */
  readonly label?: string | undefined;
  /**
   * Whether every reader sees what was written as soon as it was acknowledged. Default `false`, which is right for
   * every cache and CDN. Say `true` only if the URL is that of the bucket itself.
   */
  readonly readYourWrites?: boolean | undefined;
  /** The largest content to read, in bytes. Default 64 MiB (67,108,864); at most 2,147,483,647. */
  readonly largestContent?: number | undefined;
  /**
   * How long the server may take to answer a request, in milliseconds; a content gets one more second for each 32 kB that it
   * may have. Default 60,000.
   */
  readonly answerMilliseconds?: number | undefined;
  /** Sends the requests. Default: the runtime's `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** Why a public remote can't be written, and what to use. */
export const READ_ONLY: string =
  "a public remote can only be read. To write, use `s3Remote` of @remote-log/s3, with credentials.";

const { callback, flag, number, required, text } = optionKinds;

const kinds: Readonly<Record<keyof PublicS3Options, OptionKind>> = {
  url: required(text, 'a string, such as "https://bucket.example/logs"'),
  label: text,
  readYourWrites: flag,
  largestContent: number,
  answerMilliseconds: number,
  fetch: callback,
};

/** The options with every default filled in. */
export interface CheckedPublicOptions {
  /** The URL, without a slash at its end. */
  readonly url: string;
  readonly readYourWrites: boolean;
  readonly largestContent: number;
  readonly largestName: number;
  readonly answerMilliseconds: number;
  readonly fetch: Fetch | undefined;
}

/**
 * Checks options and fills in defaults.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkPublicOptions(options: PublicS3Options): CheckedPublicOptions {
  requireHttp("s3.open", options?.fetch);
  checkOptionTypes(options, kinds, { name: "a public remote", operation: "s3.open" });
  return {
    url: checkUrl(options.url),
    readYourWrites: options.readYourWrites ?? false,
    largestContent: checkLimit(options.largestContent ?? LARGEST_CONTENT),
    largestName: LARGEST_NAME,
    answerMilliseconds: checkAnswerTime(options.answerMilliseconds ?? ANSWER_MILLISECONDS),
    fetch: options.fetch,
  };
}

/**
 * Checks the options of a remote that a URI names.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkUriOptions(uri: unknown, options: unknown): void {
  const caller = { name: "publicS3RemoteFromUri", operation: "s3.open" };
  checkArgument(
    uri,
    { ...text, expected: 'a string, such as "s3://my-bucket/logs"' },
    { ...caller, name: "The URI" },
  );
  checkOptionTypes(options, {}, caller);
}

// The errors don't repeat the URL: it may hold a password, or be a signed one.
function checkUrl(text: string): string {
  const url = typeof text === "string" ? parseUrl(text) : undefined;
  if (url === undefined) throw invalid("it is no URL");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw invalid("it is not http: or https:");
  if (url.username !== "" || url.password !== "") throw invalid("it holds credentials");
  // Also if they are empty: what follows would become part of them.
  if (/[?#]/.test(url.href)) throw invalid("it has a query or a fragment");
  return url.href.replace(/\/+$/, "");
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(
    `The URL of a public remote can't be used: ${why}. The form is https://host/prefix.`,
    { operation: "s3.open" },
  );
}
