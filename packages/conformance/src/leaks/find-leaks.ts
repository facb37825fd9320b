// Looks for pieces of secrets in what others see: requests, stored files, logs of servers.

import { decodedParts, type LeakForm } from "./forms.ts";
import { WINDOW_BYTES, Windows } from "./windows.ts";

/** Something that others must not see. */
export interface Secret {
  /** What reports call it, such as `"the content of entry 3"`. */
  readonly name: string;
  /** At least 8 bytes, and random ones: of `"00000000"` or `"https://"` everything is full. */
  readonly bytes: Uint8Array;
}

/** Something that others see. */
export interface Trace {
  /** What reports call it, such as `"PUT /bucket/key, headers"`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A piece of a secret that others see. It says where, and never what. */
export interface Leak {
  /** The name of the secret. */
  readonly secret: string;
  /** The name of the trace. */
  readonly trace: string;
  /** How it is written there. */
  readonly form: LeakForm;
  /** Where the first piece is, in bytes from the beginning of the trace. For any form but bytes: where the text begins that holds it. */
  readonly offset: number;
  /** How many pieces of 8 bytes there are; they may overlap. */
  readonly pieces: number;
}

/**
 * Looks for every 8 bytes in a row of every secret, in every trace: as they are, and written as hexadecimal digits, base64, base32,
 * base36, base58 (those two only if one word has at most 128 characters), a list of decimal numbers, or behind percent-escapes. What
 * is compressed or split over two traces is not found: give each trace whole, and as it was before it was compressed.
 *
 * A test with it should also show that it can fail: put the secrets where the service sees them, and see them found.
 *
 * @returns one leak for each secret, trace and form; empty if nothing was found
 * @throws RangeError if a secret has fewer than 8 bytes, of which nothing could be found
 *
 * @example
 * ```ts
 * import { findLeaks } from "@remote-log/conformance/leaks";
 *
 * const secret = { name: "the token", bytes: new TextEncoder().encode("f3a1c95e0d7b48261fa0935c7e4bd218") };
 * const trace = { name: "GET /log", bytes: new TextEncoder().encode("cookie: 0d7b48261fa0") };
 * console.log(findLeaks({ secrets: [secret], traces: [trace] })); // one leak, at byte 8, of 5 pieces
 * ```
 */
export function findLeaks({
  secrets,
  traces,
}: {
  readonly secrets: Iterable<Secret>;
  readonly traces: Iterable<Trace>;
}): readonly Leak[] {
  const windows = new Windows();
  for (const { name, bytes } of secrets) {
    if (bytes.length < WINDOW_BYTES) {
      throw new RangeError(
        `The secret ${JSON.stringify(name)} has ${bytes.length} bytes. Less than ${WINDOW_BYTES} can't be looked for.`,
      );
    }
    windows.add(name, bytes);
  }
  const leaks: Leak[] = [];
  for (const { name: trace, bytes } of traces) {
    const found = new Map<string, { -readonly [Key in keyof Leak]: Leak[Key] }>();
    const look = (form: LeakForm, start: number | undefined, part: Uint8Array): void => {
      windows.find(part, (secret, offset) => {
        const key = `${form} ${secret}`;
        const leak = found.get(key);
        if (leak === undefined) found.set(key, { secret, trace, form, offset: start ?? offset, pieces: 1 });
        else leak.pieces++;
      });
    };
    look("bytes", undefined, bytes);
    for (const { form, offset, bytes: part } of decodedParts(bytes)) look(form, offset, part);
    leaks.push(...found.values());
  }
  return leaks;
}
