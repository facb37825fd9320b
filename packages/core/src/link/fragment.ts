// What is behind the # of a link: the read key, if there is one, and a checksum of all of the link; docs/protocol.md, "Links".

import { base64url } from "multiformats/bases/base64";
import { bytesEqual, concatBytes } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { READ_KEY_BYTES, type ReadKey } from "../log/read-key.ts";
import { encodeUtf8 } from "../utf8.ts";

/** Bytes of the checksum behind a key, so that base64 has no bits to spare: 36 bytes are 48 characters. */
const CHECK_BESIDE_KEY = 4;

/** Bytes of the checksum alone: 8 characters. */
const CHECK_ALONE = 6;

/** How many characters a fragment has: with a key, and without. */
const LENGTHS = [((READ_KEY_BYTES + CHECK_BESIDE_KEY) * 8) / 6, (CHECK_ALONE * 8) / 6] as const;

const none = new Uint8Array(0);

/** The fragment for what is before the #. */
export function formatFragment(open: string, key: ReadKey | undefined): string {
  const bytes = key?.toBytes() ?? none;
  return base64url.baseEncode(concatBytes([bytes, checkOf(open, bytes)]));
}

/**
 * Reads a fragment.
 *
 * @param open - what is before the #
 * @returns the key, if it holds one; `undefined` if the two do not belong together
 */
export function parseFragment(open: string, fragment: string): { readonly key?: Uint8Array } | undefined {
  // No link has another character, and half of a pair of surrogates has no UTF-8.
  if (!/^[!-~]*$/.test(open)) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = base64url.baseDecode(fragment);
  } catch {
    return undefined;
  }
  if (bytes.length === CHECK_ALONE) return bytesEqual(bytes, checkOf(open, none)) ? {} : undefined;
  // The check has the length that it must have, or does not fit.
  const key = bytes.slice(0, READ_KEY_BYTES);
  return bytesEqual(bytes.subarray(READ_KEY_BYTES), checkOf(open, key)) ? { key } : undefined;
}

/** Whether a link without a # had one that was lost, or became another character. Without it, a key would pass for an address. */
export function lostItsFragment(text: string): boolean {
  return LENGTHS.some((length) => {
    const fragment = text.slice(-length);
    return [length, length + 1].some((from) => parseFragment(text.slice(0, -from), fragment) !== undefined);
  });
}

function checkOf(open: string, key: Uint8Array): Uint8Array {
  const hash = sha256(concatBytes([encodeUtf8(`remote-log/v1/link\n${open}\n`), key]));
  return hash.subarray(0, key.length === 0 ? CHECK_ALONE : CHECK_BESIDE_KEY);
}
