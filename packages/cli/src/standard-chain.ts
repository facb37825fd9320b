import { createHash, type Hash } from "node:crypto";
import { Address, checkContent, IntegrityError, type Remote } from "@remote-log/core";
import { bytesFields } from "./wire-fields.ts";

const LARGEST_PAGE = 4 * 2 ** 20;
/** Entries whose identifiers are compared at once, so that memory stays small. */
const STRETCH = 1024;

/** The identifiers of a log's entries, of which only one hash for each stretch is kept. */
export class IdentifierHashes {
  readonly #hashes: string[] = [];
  #current: Hash = createHash("sha256");
  #size = 0;

  /** Adds the identifier of the next entry. */
  add(id: Uint8Array): void {
    this.#current.update(id);
    this.#size++;
    if (this.#size % STRETCH === 0) {
      this.#hashes.push(this.#current.digest("hex"));
      this.#current = createHash("sha256");
    }
  }

  /** Whether a stretch, counted from 0, has these identifiers. */
  matches(stretch: number, ids: readonly Uint8Array[]): boolean {
    const kept = this.#hashes[stretch] ?? this.#current.copy().digest("hex");
    const hash = createHash("sha256");
    for (const id of ids) hash.update(id);
    return hash.digest("hex") === kept;
  }
}

/**
 * Walks a log as a reader does that knows nothing but 3/REMOTE-LOG: from the head along `tail`, newest first, one
 * page after the other. Every page is checked against its address.
 *
 * @param ids - the identifiers that it must find
 * @param size - how many they are
 * @returns the number of pages, without the head
 * @throws IntegrityError `ERR_INTEGRITY` where the chain shows other entries
 */
export async function checkStandardChain(
  { storage, label }: Remote,
  head: Uint8Array,
  { ids, size }: { readonly ids: IdentifierHashes; readonly size: number },
  signal: AbortSignal,
): Promise<number> {
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
    // An empty page may not go on for ever.
    if (page.ids.length === 0 && pages > 0) throw other(label, next);
    const address = Address.fromBytes(page.tail);
    const bytes = await storage.get(address, { maxBytes: LARGEST_PAGE, signal });
    await checkContent(bytes, address, storage.capabilities.hashTypes);
    page = readStandardPage(bytes);
  }
  if (next > 0) throw other(label, next);
  return pages;
}

interface StandardPage {
  /** Newest first. */
  readonly ids: readonly Uint8Array[];
  readonly tail: Uint8Array | undefined;
}

// RemoteLog { repeated Pair pair = 1; bytes tail = 2; }, Pair { … bytes localHash = 2; … }
function readStandardPage(bytes: Uint8Array): StandardPage {
  const ids: Uint8Array[] = [];
  let tail: Uint8Array | undefined;
  for (const field of bytesFields(bytes)) {
    if (field.number === 2 && field.bytes.length > 0) tail = field.bytes;
    if (field.number !== 1) continue;
    const id = [...bytesFields(field.bytes)].find(({ number }) => number === 2);
    ids.push(id?.bytes.slice() ?? new Uint8Array(0));
  }
  return { ids, tail };
}

function other(label: string, sequence: number): IntegrityError {
  return new IntegrityError(
    `The chain of pages on ${label}, which readers of the plain standard follow, shows other entries around ${sequence}.`,
    { operation: "verify.chain" },
  );
}
