// Copies the contents of entries, each from whichever source can show it.

import type { Address } from "../address/address.ts";
import { Semaphore } from "../async/semaphore.ts";
import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { IntegrityError, isRemoteLogError } from "../errors/index.ts";
import { addressHoldsContentHash, type Pair } from "../log/pair.ts";
import type { AnySource } from "./any-source.ts";
import type { KnownTree } from "./known-tree.ts";
import type { TargetStore } from "./target-store.ts";

/** Contents of which is remembered what became of them: more than one bundle has. */
const PLACED_KEPT = 4096;

/** What became of the content of an entry. */
export type Placed =
  /** It can be read in the target by this pair. */
  | { readonly pair: Pair }
  /** Nobody shows it. */
  | { readonly error: unknown };

/** Copies contents into a target. */
export class ContentCopier {
  readonly #sources: AnySource;
  readonly #target: TargetStore;
  readonly #known: KnownTree;
  readonly #largest: number;
  // Contents may be large.
  readonly #running: Semaphore;
  readonly #stored: (bytes: number) => void;
  readonly #placed = new Map<string, Promise<Placed>>();

  /** @param options - `stored` is called after each content that was stored, with its length */
  constructor(options: {
    readonly sources: AnySource;
    readonly target: TargetStore;
    readonly known: KnownTree;
    readonly largest: number;
    readonly concurrency: number;
    readonly stored: (bytes: number) => void;
  }) {
    this.#sources = options.sources;
    this.#target = options.target;
    this.#known = options.known;
    this.#largest = options.largest;
    this.#running = new Semaphore(options.concurrency);
    this.#stored = options.stored;
  }

  /**
   * Makes an entry readable in the target.
   *
   * @param pair - as a source or the target shows it
   * @param there - whether the target itself shows it: then the content may be there already
   */
  async place(pair: Pair, there: boolean, signal: AbortSignal): Promise<Placed> {
    const { place, contentHash } = pair;
    if (place.kind === "embedded") return { pair };
    const address = place.kind === "pointer" ? place.address : this.#target.addressOfHash(contentHash);
    if (address === undefined) return { error: undefined };
    if (this.#known.hasContent(address)) return { pair: pointing(pair, address) };
    // A page and a bundle can hold the same entry.
    const key = `${address}`;
    const before = await this.#placed.get(key)?.catch(() => undefined);
    if (before !== undefined && "pair" in before) return { pair: { ...pair, place: before.pair.place } };
    const placed = this.#place(pair, address, there, signal);
    // What fails is tried again.
    placed.catch(() => this.#placed.delete(key));
    this.#keep(key, placed);
    return placed;
  }

  /** Notes that the content of an entry is in the target. */
  note(pair: Pair): void {
    if (pair.place.kind === "pointer") this.#keep(`${pair.place.address}`, Promise.resolve({ pair }));
  }

  #keep(key: string, placed: Promise<Placed>): void {
    this.#placed.set(key, placed);
    for (const oldest of this.#placed.keys()) {
      if (this.#placed.size <= PLACED_KEPT) break;
      this.#placed.delete(oldest);
    }
  }

  #place(pair: Pair, address: Address, there: boolean, signal: AbortSignal): Promise<Placed> {
    const { contentHash } = pair;
    return this.#running.run(signal, async () => {
      if (there && (await this.#target.holds(address))) return { pair: pointing(pair, address) };
      if (await this.#target.isStored(address)) return { pair: pointing(pair, address) };
      try {
        const content = await this.#sources.get(address, { maxBytes: this.#largest, signal });
        if (!addressHoldsContentHash(address) && !bytesEqual(sha256(content), contentHash)) {
          throw new IntegrityError(`The content at ${address} is not the one that the writer signed.`, {
            operation: "storage.get",
          });
        }
        return { pair: await this.#put(pair, content) };
      } catch (error) {
        throwIfAborted(signal);
        if (!isRemoteLogError(error)) throw error;
        return { error };
      }
    });
  }

  /** Stores a content that is embedded, and gives the pair that points at it. */
  async moveOut(pair: Pair): Promise<Pair> {
    return pair.place.kind === "embedded" ? this.#put(pair, pair.place.stored) : pair;
  }

  async #put(pair: Pair, content: Uint8Array): Promise<Pair> {
    const address = await this.#target.address(content);
    await this.#target.put(content, address);
    this.#stored(content.length);
    return pointing(pair, address);
  }
}

function pointing(pair: Pair, address: Address): Pair {
  return { ...pair, place: { kind: "pointer", address } };
}
