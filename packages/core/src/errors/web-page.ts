// A page for people that came in the place of what was asked for: from a network that wants a password first, or a web site.

import { decodeUtf8Loosely } from "../utf8.ts";
import { UnreachableError } from "./storage-errors.ts";

/** How much of an answer is looked at, in bytes. */
const LOOKED_AT = 512;

/** How pages in HTML begin. Nothing that a log consists of does. */
const PAGE =
  /^\s*<(!--|(!doctype\s+html|html|head|title|meta|link|script|style|body|h[1-6]|p|div|center|form|table|img)\b)/i;

/** Whether bytes begin as a page in HTML does. */
export function isWebPage(bytes: Uint8Array): boolean {
  return PAGE.test(decodeUtf8Loosely(bytes.subarray(0, LOOKED_AT)));
}

/** Nobody who knows the log has answered: nothing is known, and the next try may succeed. */
export function webPageCame(operation: string, asked: string): UnreachableError {
  return new UnreachableError(
    `A web page came instead of ${asked}, so nothing is known. Does the network want a password first (a hotel, a train), and is ` +
      "the address that of the storage? Then try again.",
    { operation, reason: "web-page" },
  );
}
