// What is attached to a message, for whoever reads it: fetched when it is asked for.

import {
  databaseReaderStore,
  formatLink,
  IntegrityError,
  NotFoundError,
  openLink,
  parseLink,
  ReadKey,
} from "@remote-log/core";
import { checkOptionTypes, checkWhole, optionKinds } from "@remote-log/core/adapter";
import type { FollowOptions } from "../sync/followed-log.ts";
import type { AttachmentPlace, PartRange } from "../wire/envelope.ts";
import type { AttachmentProgress } from "./attach.ts";

/** Options of {@link Attachment.open}. */
export interface OpenOptions {
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** How many bytes are left out at the beginning: those that came before it was cut off. Parts before are not fetched. Default: 0. */
  readonly from?: number | undefined;
  /** Called after each piece. It must not throw. */
  readonly onProgress?: ((progress: AttachmentProgress) => void) | undefined;
}

const operation = "group.attachment";
const { callback, number, signal } = optionKinds;
const openKinds: optionKinds.KindsOf<OpenOptions> = { signal, from: number, onProgress: callback };

/** Something that is attached to a message. */
export interface Attachment {
  /** How many bytes it has. */
  readonly bytes: number;
  /**
   * Its bytes, in pieces, as they come from its author's remotes; each verified. Nothing was fetched before.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if `from` is no whole number from 0
   * @throws NotFoundError `ERR_NOT_FOUND` if its author has not published it yet, and what `Reader.from` throws
   */
  open(options?: OpenOptions): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Where the parts of attachments come from. */
export type PartSource = (
  place: AttachmentPlace,
  ranges: readonly PartRange[],
  signal: AbortSignal | undefined,
) => AsyncGenerator<Uint8Array, void, undefined>;

/** An attachment of a message. */
export function attachmentOf(place: AttachmentPlace, source: PartSource): Attachment {
  return {
    bytes: place.bytes,
    async *open(options = {}) {
      checkOptionTypes(options, openKinds, { name: "open", operation });
      const { signal, from = 0, onProgress = () => undefined } = options;
      checkWhole({ from }, { operation, least: 0, largest: Number.MAX_SAFE_INTEGER });
      const skipped = Math.min(Math.floor(from / place.size), countOf(place.parts));
      let at = skipped * place.size;
      let given = 0;
      for await (const part of source(place, rangesAfter(place.parts, skipped), signal)) {
        const left = part.subarray(Math.min(part.length, Math.max(0, from - at)));
        at += part.length;
        given += left.length;
        if (at > place.bytes) throw wrongSize(place.bytes);
        if (left.length > 0) yield left;
        onProgress({ done: from + given, bytes: place.bytes });
      }
      if (at < place.bytes) throw wrongSize(place.bytes);
    },
  };
}

function countOf(ranges: readonly PartRange[]): number {
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

/** What is left of some ranges without the first numbers in them. */
function rangesAfter(ranges: readonly PartRange[], numbers: number): readonly PartRange[] {
  let rest = numbers;
  return ranges.flatMap(({ first, count }) => {
    const skipped = Math.min(rest, count);
    rest -= skipped;
    return skipped === count ? [] : [{ first: first + skipped, count: count - skipped }];
  });
}

/** The parts of another device, from its log of attachments. */
export function partsAt(
  link: string,
  { schemes, readers, retries }: Pick<FollowOptions, "schemes" | "readers" | "retries">,
): PartSource {
  return async function* parts({ key }, ranges, signal) {
    const withKey = formatLink({ ...parseLink(link), key: new ReadKey(key) });
    const reader = await openLink(withKey, { schemes, store: databaseReaderStore(readers), retries });
    try {
      for (const { first, count } of ranges) {
        let next = first;
        for await (const { sequence, content } of reader.from(first, { signal })) {
          if (sequence >= first + count) break;
          next = sequence + 1;
          yield content;
        }
        if (next < first + count) throw notThere();
      }
    } finally {
      await reader.close();
    }
  };
}

function notThere(): NotFoundError {
  return new NotFoundError(
    "The author of the attachment has not published all of it yet. Try again when the author has been online.",
    { operation, retry: "safe" },
  );
}

function wrongSize(bytes: number): IntegrityError {
  return new IntegrityError(
    `The attachment does not have the ${bytes} bytes that its author said. Ask the author to attach it again.`,
    { operation },
  );
}
