// A seed that is made once and then kept in a store.

import { InvalidInputError } from "../errors/index.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import { generateSeed } from "./keys.ts";
import { checkPassphrase, isSealedSeed, notSealed, openSeed, sealSeed } from "./sealed-seed.ts";
import { SEED_BYTES } from "./signing-key.ts";

/** Where a seed is kept: every `ReaderStore` is one, such as `databaseReaderStore(new BrowserLevel("keys"))`. */
export interface SeedStore {
  /** The value under a key, or `undefined` if it has none. */
  get(key: string, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array | undefined>;
  /** Sets a value if the key holds exactly the expected bytes, in one atomic step, and says whether it did. */
  compareAndSet(
    key: string,
    expected: Uint8Array | undefined,
    value: Uint8Array,
    options?: { readonly signal?: AbortSignal },
  ): Promise<boolean>;
}

const operation = "seed.load";

/** Options of {@link loadOrCreateSeed}. */
export interface LoadOrCreateSeedOptions {
  /** The key in the store. Give each log a key of its own. Default: `"seed"`. */
  readonly key?: string | undefined;
  /**
   * Keeps the seed sealed, and opens it: whoever reads the store then needs this, too. It takes about a second each time, and 256 MiB
   * of memory. Default: the store keeps the seed as it is.
   */
  readonly passphrase?: string | undefined;
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The seed that a store keeps; a new one if it keeps none yet. It is durable when this resolves, and everybody who asks the
 * same store gets the same one: of several tabs, workers or processes that ask at once, one makes it. In browsers that takes
 * Web Locks, which they offer to secure contexts alone (https, or localhost); elsewhere let one tab ask.
 *
 * Without a passphrase, the store keeps the seed as it is. Whoever can read the store (in browsers: every script of the origin) can write the log.
 * The browser may evict it with the rest of the site's data: ask for `navigator.storage.persist()`, and keep a copy.
 * In Node, `loadOrCreateSeed(path)` of `@remote-log/fs` keeps a seed in a file.
 *
 * @param store - where it is kept, such as `databaseReaderStore(new BrowserLevel("keys"))`; the journal's own database belongs
 * to the writer alone
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a store without `get` and `compareAndSet`, and with the reason
 * `"not-a-seed"` if something else is under the key, `"passphrase-needed"` and `"wrong-passphrase"` if the passphrase is missing or
 * another one, and `"not-sealed"` if there is one and the seed is kept without: what is kept is left as it is
 *
 * @example
 * ```ts
 * import { databaseReaderStore, loadOrCreateSeed, openWriter } from "@remote-log/core";
 * import { MemoryLevel } from "memory-level";
 *
 * const keys = new MemoryLevel(); // in a browser: new BrowserLevel("keys")
 * const writer = await openWriter({
 *   seed: await loadOrCreateSeed(databaseReaderStore(keys)), // the same at every start
 *   journal: new MemoryLevel(), // in a browser: new BrowserLevel("journal")
 * });
 * await writer.close();
 * await keys.close();
 * ```
 */
export async function loadOrCreateSeed(
  store: SeedStore,
  { key = "seed", passphrase, signal }: LoadOrCreateSeedOptions = {},
): Promise<Uint8Array> {
  if (typeof store?.get !== "function" || typeof store.compareAndSet !== "function") {
    throw invalid(
      "`store` must have the methods get and compareAndSet, as what databaseReaderStore(database) returns.",
    );
  }
  if (passphrase !== undefined) checkPassphrase(passphrase, operation);
  const options = { ...(signal && { signal }) };
  for (;;) {
    const held = await store.get(key, options);
    if (held !== undefined) return openHeld(held, key, passphrase);
    const seed = generateSeed();
    const value = passphrase === undefined ? seed : encodeUtf8(await sealSeed(seed, passphrase));
    if (await store.compareAndSet(key, undefined, value, options)) return seed;
  }
}

async function openHeld(held: Uint8Array, key: string, passphrase: string | undefined): Promise<Uint8Array> {
  const name = `the seed under ${JSON.stringify(key)}`;
  if (held instanceof Uint8Array) {
    const isPlain = held.length === SEED_BYTES;
    if (isPlain && passphrase !== undefined) throw notSealed(name);
    if (isPlain) return held;
    const text = decodeUtf8(held);
    if (text !== undefined && isSealedSeed(text)) return openSeed(text, passphrase, { name });
  }
  throw invalid(
    `What the store keeps under ${JSON.stringify(key)} is no seed: a seed has ${SEED_BYTES} bytes, and this has ` +
      `${held.length}. It was left as it is. Use another key, or restore the seed from a backup.`,
    "not-a-seed",
  );
}

function invalid(message: string, reason?: string): InvalidInputError {
  return new InvalidInputError(message, { operation, reason });
}
