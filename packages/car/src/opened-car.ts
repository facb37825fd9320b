// A CAR file that is opened and scanned at its first use, once for storage and names.

import { type HashType, IntegrityError } from "@remote-log/core";
import { bytesEqual, checkSize, type OperationContext, raceSignal } from "@remote-log/core/adapter";
import { type CarBytes, type CarInput, openBytes } from "./car-bytes.ts";
import { type ScannedCar, scanCar } from "./scan.ts";

/** How a file is opened. */
export interface OpenSettings {
  readonly file: CarInput;
  readonly hashType: HashType;
  readonly mostBlocks: number;
  readonly largestStream: number;
}

interface Opened extends ScannedCar {
  readonly bytes: CarBytes;
}

/** A CAR file, open once it is needed. */
export class OpenedCar {
  readonly #settings: OpenSettings;
  readonly #closing = new AbortController();
  #opened: Promise<Opened> | undefined;

  constructor(settings: OpenSettings) {
    this.#settings = settings;
  }

  /** Where its blocks are. If it can't be opened, the next call tries again. */
  async scanned(signal: AbortSignal): Promise<Opened> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return raceSignal(this.#opened, signal);
  }

  /**
   * The bytes of a block, which have its digest.
   *
   * @returns `undefined` if the file does not have it
   * @throws IntegrityError `ERR_INTEGRITY` if none of its copies has the digest
   */
  async block(
    digest: Uint8Array,
    {
      limit,
      signal,
      context,
    }: { readonly limit: number; readonly signal: AbortSignal; readonly context: OperationContext },
  ): Promise<Uint8Array | undefined> {
    const { blocks, bytes } = await this.scanned(signal);
    const places = blocks.find(digest);
    if (places.length === 0) return undefined;
    for (const { offset, length } of places) {
      checkSize(length, limit, context);
      const content = await raceSignal(bytes.read(offset, length), signal);
      if (bytesEqual(await this.#settings.hashType.digest(content), digest)) return content;
    }
    throw new IntegrityError(
      `While ${context.action}: the CAR file has this block, and its bytes do not match it: corrupt or forged. Copy the file again.`,
      { operation: context.operation },
    );
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    this.#closing.abort();
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.bytes.close?.();
  }

  async #open(): Promise<Opened> {
    const { file, hashType, mostBlocks, largestStream } = this.#settings;
    const bytes = await openBytes(file, largestStream);
    try {
      const scanned = await scanCar(bytes, hashType, mostBlocks, this.#closing.signal);
      return { ...scanned, bytes };
    } catch (error) {
      await bytes.close?.();
      throw error;
    }
  }
}
