// ETags as revisions of names (RFC 9110, section 8.8.3).

import type { Revision } from "@remote-log/core";

/** A strong ETag as most services send it, or without quotes as some do. `*` and lists would match anything. */
const form = /^(?:"[\x21\x23-\x7e]{1,256}"|[\w.:+/=-]{1,256})$/;

/** What servers put behind the ETag of an object that they compress: `"abc-gzip"` (Apache), `"abc;gzip"`, `"abc--gzip"` (Jetty). */
const CODING = /([^"])(?:--?|;)(?:br|deflate|gzip|zstd)("?)$/;

/**
 * The revision that an ETag stands for. What compresses or caches marks it: as weak (`W/"…"`), or with the coding behind it. The
 * mark says nothing about the object, comes and goes with what a client accepts, and conditions never match with it: it is taken
 * off.
 *
 * @returns `undefined` if it is no ETag
 */
export function revisionOf(etag: string | null | undefined): Revision | undefined {
  const strong = strongOf(etag);
  const bare = strong?.replace(CODING, "$1$2");
  return bare !== undefined && form.test(bare) ? bare : undefined;
}

/**
 * The forms in which a service may want its ETag in `If-Match`, besides the revision itself: without the quotes that it sent, and
 * with what {@link revisionOf} took for the mark of a coding.
 *
 * @param etag - as the service sent it last
 */
export function furtherForms(revision: Revision, etag: string | null | undefined): readonly string[] {
  const whole = strongOf(etag);
  const marked = whole === undefined || !form.test(whole) ? [] : [whole];
  const forms = [...marked, ...[revision, ...marked].map((one) => etagFor(one, false))];
  return [...new Set(forms)].filter((one) => one !== revision);
}

function strongOf(etag: string | null | undefined): string | undefined {
  return etag?.replace(/^W\//, "");
}

/** Whether a text can be a revision that this adapter gave out, and so may be sent in a header. */
export function isRevision(text: string): boolean {
  return form.test(text);
}

/** The ETag as `If-Match` takes it: some services refuse the quotes that they sent themselves. */
export function etagFor(revision: Revision, quotes: boolean): string {
  return quotes ? revision : revision.replaceAll('"', "");
}
