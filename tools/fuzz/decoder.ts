// What the fuzzer knows of a decoder.

import type { Mutator } from "./mutate/bytes.ts";

/** A decoder, and what has to hold for every input of it. */
export interface Decoder {
  /** Its name, in kebab-case: that of its corpus, and of `--decoder`. */
  readonly name: string;
  /** How large its part of all inputs is, beside those of the others: cheap decoders get more. Default 8. */
  readonly share?: number;
  /** Makes inputs out of valid ones. */
  readonly mutate: Mutator;
  /** The codes of the errors with which it may refuse an input. Any other error is a failure. */
  readonly refusals: readonly string[];
  /**
   * Decodes an input, and checks what came out.
   *
   * @param origin - which of the seeds the input was made of
   * @throws what the decoder throws, which is a refusal if its code is one of the refusals; or {@link BrokenPromise}
   */
  readonly check: (input: Uint8Array, origin: number) => void | Promise<void>;
}

/** Valid inputs of each decoder, by its name. */
export type Corpus = ReadonlyMap<string, readonly Uint8Array[]>;

/** A decoder accepted an input, and what it made of it is wrong. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
}

/** Fails unless a promise is kept. */
export function promise(kept: boolean, what: string): asserts kept {
  if (!kept) throw new BrokenPromise(what);
}

/** The codes that most decoders refuse with. */
export const MALFORMED = ["ERR_MALFORMED"] as const;

/** The codes of readers: what is no encoding, what does not fit a hash or signature, and what a newer version may know. */
export const UNVERIFIED = ["ERR_MALFORMED", "ERR_INTEGRITY", "ERR_UNSUPPORTED"] as const;

/** The codes of what people type or paste. */
export const UNUSABLE = ["ERR_INVALID_INPUT", "ERR_UNSUPPORTED"] as const;

/** A value as text, byte arrays in hexadecimal digits, so that two can be compared. */
export function printed(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof Uint8Array) return `bytes ${hexOf(part)}`;
    return typeof part === "bigint" ? `${part}n` : part;
  });
}

/** Bytes in hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** The bytes of hexadecimal digits. */
export function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
