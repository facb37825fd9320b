// ETags as revisions of names (RFC 9110, section 8.8.3).

import type { Revision } from "@remote-log/core";

/** A strong ETag as most services send it, or without quotes as some do. `*` and lists would match anything. */
const form = /^(?:"[\x21\x23-\x7e]{1,256}"|[\w.:+/=-]{1,256})$/;

/**
 * The revision that an ETag stands for. A proxy that compresses or caches marks the ETag as weak (`W/"…"`). The mark says
 * nothing about the object, and `If-Match` never matches with it: it is taken off.
 *
 * @returns `undefined` if it is no ETag
 */
export function revisionOf(etag: string | null | undefined): Revision | undefined {
  const strong = etag?.replace(/^W\//, "");
  return strong !== undefined && form.test(strong) ? strong : undefined;
}

/** Whether a text can be a revision that this adapter gave out, and so may be sent in a header. */
export function isRevision(text: string): boolean {
  return form.test(text);
}

/** The ETag as `If-Match` takes it: some services refuse the quotes that they sent themselves. */
export function etagFor(revision: Revision, quotes: boolean): string {
  return quotes ? revision : revision.replaceAll('"', "");
}
