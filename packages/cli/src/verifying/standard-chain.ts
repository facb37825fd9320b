// The walk of a log that the plain standard 3/REMOTE-LOG prescribes, for `rlog verify --chain`.

import { createHash } from "node:crypto";
import { Address, checkContent, defaultLimits, hasCode, IntegrityError, type Remote } from "@remote-log/core";
import { RetryBudget } from "@remote-log/core/adapter";
import { type IdentifierHashes, STRETCH } from "./identifier-hashes.ts";
import { bytesFields } from "./wire-fields.ts";

/**
 * Walks a log like a reader that knows only 3/REMOTE-LOG: from the head along `tail`, newest first, one page after the
 * other. Checks every page against its address.
 *
 * @param what - the identifiers that the pages must hold, and how many they are; `mayEnd`: whether a page may be gone because the
 * writer removed contents that were in it: the page after it still leads there
 * @returns the number of pages and bundles, without the head, and the number of the first entry that they reach
 * @throws IntegrityError `ERR_INTEGRITY` if the chain shows other entries
 */
export async function checkStandardChain(
  { storage, label }: Remote,
  head: Uint8Array,
  what: { readonly ids: IdentifierHashes; readonly size: number; readonly mayEnd: boolean },
  signal: AbortSignal,
): Promise<{ readonly pages: number; readonly from: number }> {
  const { ids, size, mayEnd } = what;
  const budget = new RetryBudget({ signal });
  let next = size;
  let stretch: Uint8Array[] = [];
  let pages = 0;
  for (let page = readStandardPage(head); ; pages++) {
    for (const id of page.ids) {
      next--;
      stretch.push(id);
      if (next < 0 || next % STRETCH !== 0) continue;
      if (!ids.matches(next / STRETCH, stretch.reverse())) throw other(label, next);
      stretch = [];
    }
    if (next < 0) throw other(label, 0);
    if (page.tail === undefined) break;
    // A chain of empty pages must not continue for ever.
    if (page.ids.length === 0 && pages > 0) throw other(label, next);
    const address = Address.fromBytes(page.tail);
    const options = { maxBytes: defaultLimits.pageBytes, signal };
    let bytes: Uint8Array;
    try {
      bytes = await budget.run(() => storage.get(address, options));
    } catch (error) {
      if (!mayEnd || next === 0 || !hasCode(error, "ERR_NOT_FOUND")) throw error;
      return { pages, from: next };
    }
    await checkContent(bytes, address, storage.capabilities.hashTypes);
    page = readStandardPage(bytes);
  }
  if (next > 0) throw other(label, next);
  return { pages, from: 0 };
}

interface StandardPage {
  /** Newest first. */
  readonly ids: readonly Uint8Array[];
  readonly tail: Uint8Array | undefined;
}

// RemoteLog { repeated Pair pair = 1; bytes tail = 2; }, Pair { … bytes localHash = 2; bytes data = 3; … }. In a bundle, an
// identifier that is the hash of the content is left out.
function readStandardPage(bytes: Uint8Array): StandardPage {
  const ids: Uint8Array[] = [];
  let tail: Uint8Array | undefined;
  for (const field of bytesFields(bytes)) {
    if (field.number === 2 && field.bytes.length > 0) tail = field.bytes;
    if (field.number !== 1) continue;
    const parts = [...bytesFields(field.bytes)];
    const part = (wanted: number): Uint8Array | undefined =>
      parts.find(({ number }) => number === wanted)?.bytes.slice();
    const data = part(3) ?? new Uint8Array(0);
    ids.push(part(2) ?? createHash("sha256").update(data).digest());
  }
  return { ids, tail };
}

function other(label: string, sequence: number): IntegrityError {
  return new IntegrityError(
    `The chain of pages on ${label}, which readers of the plain standard follow, shows other entries around ${sequence}.`,
    { operation: "verify.chain" },
  );
}
