// What an application's messages are as bytes: its codec, with a type and a version beside each.

import { InvalidInputError, MalformedError } from "@remote-log/core";
import { decodeUtf8, encodeUtf8 } from "@remote-log/core/adapter";

/** What a message says of its form: what kind of value it is, and in which version. */
export interface ValueForm {
  /** The kind of value, such as `"note"`; at most 64 characters. */
  readonly type: string;
  /** The version of its form, from 0. */
  readonly version: number;
}

/** Turns the values of an application into bytes, and back. */
export interface Codec<T> extends ValueForm {
  /** The bytes of a value. What it throws, `Group.append` throws. */
  encode(value: T): Uint8Array;
  /**
   * The value in bytes that a member wrote, with any type and version: newer applications write, too. If it throws, the message
   * is reported (`GroupOptions.onUndecodable`), and the stream continues with the next.
   */
  decode(bytes: Uint8Array, form: ValueForm): T;
}

/** Options of {@link jsonCodec}. */
export interface JsonCodecOptions<T> {
  /** What the values are, such as `"note"`. Default: `"json"`. */
  readonly type?: string | undefined;
  /** The version of their form. Default: 1. */
  readonly version?: number | undefined;
  /**
   * Checks what came, and returns it as a value; it throws for what is none. It comes from other people's devices: an application
   * that uses it unchecked believes them. Default: any JSON is taken as it is.
   */
  readonly check?: ((json: unknown, form: ValueForm) => T) | undefined;
}

/**
 * Values as JSON.
 *
 * @example
 * ```ts
 * import { jsonCodec } from "@remote-log/group";
 *
 * interface Note {
 *   readonly text: string;
 * }
 * const codec = jsonCodec<Note>({
 *   type: "note",
 *   check(json) {
 *     if (typeof (json as Note | null)?.text !== "string") throw new TypeError("A note has a text.");
 *     return json as Note;
 *   },
 * });
 * console.log(codec.decode(codec.encode({ text: "Hello" }), codec)); // { text: "Hello" }
 * ```
 */
export function jsonCodec<T>(options: JsonCodecOptions<T> = {}): Codec<T> {
  const { type = "json", version = 1, check } = options;
  return {
    type,
    version,
    encode: (value) => encodeUtf8(jsonOf(value)),
    decode(bytes, form) {
      const json = parse(bytes);
      return check === undefined ? (json as T) : check(json, form);
    },
  };
}

// What JSON has no word for, it leaves out; a message can't be left out.
function jsonOf(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json !== undefined) return json;
  throw new InvalidInputError(
    `JSON has no word for ${value === undefined ? "undefined" : `a ${typeof value}`}.`,
    {
      operation: "group.append",
    },
  );
}

function parse(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  try {
    if (text !== undefined) return JSON.parse(text);
  } catch (cause) {
    throw new MalformedError("The message is not JSON.", { operation: "group.decode", cause });
  }
  throw new MalformedError("The message is not JSON: it is no UTF-8.", { operation: "group.decode" });
}
