// The arguments of the two contracts: what is of a wrong type is refused with a clear error, before any request.

import type { Address } from "../address/address.ts";
import { InvalidInputError, TooLargeError } from "../errors/index.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { ByteRange, PutManyLimits } from "../remote/storage-backend.ts";
import type { OperationContext } from "./call.ts";

/** @throws InvalidInputError `ERR_INVALID_INPUT` for a content that is no `Uint8Array` */
export function checkBytes(content: unknown, context: OperationContext): asserts content is Uint8Array {
  if (content instanceof Uint8Array) return;
  throw wrongType("content", "a Uint8Array", content, context);
}

/**
 * Makes sure that contents can be stored by one call.
 *
 * @param largest - the most bytes of one content
 * @param advice - what the caller can do about a content that has more, as a sentence
 * @throws InvalidInputError `ERR_INVALID_INPUT` for what is no array of contents, or more of them than a call takes
 * @throws TooLargeError `ERR_TOO_LARGE` for a content of too many bytes, and for too many bytes of all
 */
export function checkContents(
  contents: unknown,
  largest: number,
  limits: PutManyLimits,
  context: OperationContext,
  advice: string,
): asserts contents is readonly Uint8Array[] {
  if (!Array.isArray(contents)) throw wrongType("contents", "an array of Uint8Array", contents, context);
  if (contents.length > limits.contents)
    throw invalid(`${contents.length} contents are more than the ${limits.contents} of one call`, context);
  let bytes = 0;
  for (const content of contents as unknown[]) {
    checkBytes(content, context);
    checkSize(content.length, largest, context, advice);
    bytes += content.length;
  }
  checkSize(bytes, limits.bytes, context, "Store fewer contents at once.");
}

/**
 * Whether something is an address.
 *
 * It looks at its parts and not at its class: one that another copy of this package made is taken, too, and an adapter that
 * makes no addresses does not carry the code that does. A structured clone is none: it has the parts without the text, and
 * drivers that use the text as a key would look at another place.
 */
export function isAddress(given: unknown): given is Address {
  const { bytes, codec, hash, digest, toString: text } = (given ?? {}) as Partial<Address>;
  const hasText = typeof text === "function" && text !== Object.prototype.toString;
  const hasNumbers = typeof codec === "number" && typeof hash === "number";
  return hasText && hasNumbers && bytes instanceof Uint8Array && digest instanceof Uint8Array;
}

/**
 * Makes sure that an argument is an address.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkedAddress(address: unknown, context: OperationContext): Address {
  if (isAddress(address)) return address;
  throw wrongType("address", "an Address", address, context);
}

/**
 * Makes sure that a name is a text that can be encoded.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`; in UTF-8, every half of a surrogate pair would become the same
 * replacement character, and two names one
 */
export function checkName(name: unknown, context: OperationContext): asserts name is string {
  if (typeof name !== "string") throw wrongType("name", "a text", name, context);
  if (!/[\ud800-\udfff]/u.test(name)) return;
  throw invalid(
    "the name holds half of a surrogate pair, so it is no text that UTF-8 can encode. Use another name",
    context,
  );
}

/** @throws InvalidInputError `ERR_INVALID_INPUT` for what is neither a revision nor `null` */
export function checkExpected(
  expected: unknown,
  context: OperationContext,
): asserts expected is Revision | null {
  if (expected === null || typeof expected === "string") return;
  throw wrongType("expected", "a revision, or null for a name that must not exist yet", expected, context);
}

/** @throws InvalidInputError `ERR_INVALID_INPUT` for a known revision that is no text */
export function checkKnown(known: unknown, context: OperationContext): asserts known is Revision | undefined {
  if (known === undefined || typeof known === "string") return;
  throw wrongType("known", "a revision", known, context);
}

/**
 * The maximum number of bytes that a read may accept.
 *
 * @param maxBytes - what the caller accepts; `undefined` for any number
 * @param largest - the maximum that the adapter accepts
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a limit that is no number of bytes
 */
export function limitOf(maxBytes: unknown, largest: number, context: OperationContext): number {
  if (maxBytes === undefined) return largest;
  if (typeof maxBytes === "number" && maxBytes >= 0) return Math.min(Math.floor(maxBytes), largest);
  throw wrongType("maxBytes", "a number of bytes from 0", maxBytes, context);
}

/**
 * The part of a content that a read asks for.
 *
 * @param range - what the caller asks for; `undefined` for all of it
 * @param limit - the maximum number of bytes that the read may accept
 * @throws InvalidInputError `ERR_INVALID_INPUT` for what is no range, or has no byte
 * @throws TooLargeError `ERR_TOO_LARGE` for more bytes than the limit
 */
export function checkedRange(
  range: unknown,
  limit: number,
  context: OperationContext,
): ByteRange | undefined {
  if (range === undefined) return undefined;
  const { offset, length } = (range ?? {}) as Partial<ByteRange>;
  const isWhole = (value: unknown, least: number): value is number =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= least;
  if (!isWhole(offset, 0) || !isWhole(length, 1) || !Number.isSafeInteger(offset + length))
    throw wrongType("range", "an offset from 0 and a length from 1, both whole", range, context);
  checkSize(length, limit, context, "Ask for fewer bytes at once.");
  return { offset, length };
}

/**
 * The caller's signal.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for what is no `AbortSignal`
 */
export function signalOf(
  options: { readonly signal?: AbortSignal | undefined } | undefined,
  context: OperationContext,
): AbortSignal | undefined {
  const signal: unknown = options?.signal ?? undefined;
  if (signal === undefined) return undefined;
  // Not by its class: runtimes and libraries bring signals of their own.
  const { aborted, addEventListener } = signal as Partial<AbortSignal>;
  if (typeof aborted === "boolean" && typeof addEventListener === "function") return signal as AbortSignal;
  throw wrongType("signal", "an AbortSignal", signal, context);
}

/**
 * Refuses what has too many bytes.
 *
 * @param advice - what the caller can do about it, as a sentence; may be empty
 * @throws TooLargeError `ERR_TOO_LARGE` for more bytes than the limit
 */
export function checkSize(bytes: number, limit: number, context: OperationContext, advice = ""): void {
  if (bytes <= limit) return;
  const { operation, action } = context;
  throw new TooLargeError(
    `While ${action}: it has ${bytes} bytes, and the limit is ${limit}. ${advice}`.trimEnd(),
    { operation, limit },
  );
}

function wrongType(
  what: string,
  expected: string,
  found: unknown,
  context: OperationContext,
): InvalidInputError {
  return invalid(`\`${what}\` must be ${expected}, not ${kindOf(found)}`, context);
}

function invalid(why: string, { operation, action }: OperationContext): InvalidInputError {
  return new InvalidInputError(`While ${action}: ${why}.`, { operation });
}

// Not the value itself: it may be a secret that was passed at the wrong place.
function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return value === undefined ? "undefined" : `a ${typeof value}`;
  return value.constructor?.name ?? "an object";
}
