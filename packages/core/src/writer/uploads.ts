// Uploads of one publish, several at a time, and several in one call if the storage takes that: again after failures that may pass,
// and none that was acknowledged before.

import type { Address } from "../address/address.ts";
import { addressOf } from "../address/hash-type.ts";
import { RetryBudget } from "../async/retry.ts";
import { Semaphore } from "../async/semaphore.ts";
import { throwIfAborted } from "../async/signals.ts";
import { TaskGroup } from "../async/task-group.ts";
import { hasCode } from "../errors/index.ts";
import { type AddressedContent, putChecked, putManyChecked } from "../remote/checked-put.ts";
import type { PutManyLimits, PutOutcome, StorageBackend } from "../remote/storage-backend.ts";
import type { AcknowledgedUploads } from "./acknowledged-uploads.ts";
import type { Presence } from "./presence.ts";

/** Calls at once, per remote. */
const CALLS_AT_ONCE = 16;

/** Objects on their way at once, if a call has several: those that a process forgets which ends meanwhile. */
const OBJECTS_AT_ONCE = 32;

/** The most objects of one call, and the most bytes: as many as go into memory with 16 calls of one object. */
const OBJECTS_IN_CALL = 16;
const BYTES_IN_CALL = 2 ** 20;

/** How often a call of several objects may get no answer, before they are sent one by one. */
const TRIES_OF_CALL = 2;

/** An object that is to be sent. */
interface Upload extends AddressedContent {
  readonly done: () => void;
}

/**
 * Puts objects into a storage, several at a time, under addresses that were computed before. What the storage acknowledged
 * before, also to an earlier process, is not sent again.
 */
export class Uploads {
  readonly #storage: StorageBackend;
  readonly #acknowledged: AcknowledgedUploads;
  readonly #presence: Presence | undefined;
  readonly #signal: AbortSignal;
  readonly #budget: RetryBudget;
  readonly #window: TaskGroup;
  // For objects of one call that are asked for, or sent, one by one.
  readonly #calls = new Semaphore(CALLS_AT_ONCE);
  /** How much goes into one call. */
  readonly #limits: PutManyLimits;
  #addresses: Address[] = [];
  // What the next call sends.
  #waiting: Upload[] = [];
  #waitingBytes = 0;
  // Whether calls of several objects are of no use here.
  #singly = false;

  constructor(
    {
      storage,
      acknowledged,
      presence,
    }: {
      readonly storage: StorageBackend;
      readonly acknowledged: AcknowledgedUploads;
      /** Asked before an upload, if what the storage holds is not known. */
      readonly presence?: Presence | undefined;
    },
    signal: AbortSignal,
  ) {
    this.#storage = storage;
    this.#acknowledged = acknowledged;
    this.#presence = presence;
    this.#signal = signal;
    this.#budget = new RetryBudget({ signal });
    const { putMany } = storage.capabilities;
    const { contents, bytes } = (storage.putMany && putMany) ?? { contents: 1, bytes: 0 };
    this.#limits = {
      contents: Math.min(contents, OBJECTS_IN_CALL),
      bytes: Math.min(bytes, BYTES_IN_CALL),
    };
    this.#window = new TaskGroup(
      Math.min(CALLS_AT_ONCE, Math.floor(OBJECTS_AT_ONCE / this.#limits.contents)),
    );
  }

  /** The address that a content will have. */
  address(content: Uint8Array): Promise<Address> {
    return addressOf(content, this.#storage.capabilities.hashTypes[0]!);
  }

  /**
   * Starts an upload once there is room for it, if it is needed; {@link Uploads.settled} tells how it ended. If the storage takes
   * several objects at once, it waits for others, until a call is full or {@link Uploads.settled} is asked.
   *
   * @param done - called when the storage has it
   */
  async put(content: Uint8Array, address: Address, done: () => void = () => undefined): Promise<void> {
    throwIfAborted(this.#signal);
    this.#addresses.push(address);
    if (this.#acknowledged.has(address)) {
      done();
      return;
    }
    const { contents, bytes } = this.#limits;
    while (this.#waiting.length > 0 && this.#waitingBytes + content.length > bytes) await this.#sendWaiting();
    this.#waiting.push({ content, address, done });
    this.#waitingBytes += content.length;
    if (this.#waiting.length >= contents || this.#waitingBytes >= bytes) await this.#sendWaiting();
  }

  /** Sends what waits, and waits until every upload is acknowledged, and noted or about to be. Rejects with the first failure. */
  async settled(): Promise<void> {
    try {
      await this.#sendWaiting();
    } finally {
      await this.#window.settled();
    }
  }

  /** What was put since this was asked last. */
  takeAddresses(): Address[] {
    const addresses = this.#addresses;
    this.#addresses = [];
    return addresses;
  }

  async #sendWaiting(): Promise<void> {
    const uploads = this.#waiting;
    if (uploads.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#window.add(() => this.#send(uploads));
  }

  async #send(uploads: readonly Upload[]): Promise<void> {
    const [only] = uploads;
    if (uploads.length === 1) {
      if (!(await this.#isHeld(only!))) await this.#sendAlone(only!);
      await this.#acknowledge(only!);
      return;
    }
    const missing = this.#presence === undefined ? uploads : await this.#missingOf(uploads);
    const failed = new Map<Upload, unknown>();
    const outcomes = missing.length > 1 && !this.#singly ? await this.#sendTogether(missing) : undefined;
    for (const [i, upload] of missing.entries()) {
      const outcome = outcomes?.[i];
      if (outcome?.status === "fulfilled") await this.#acknowledge(upload);
      else failed.set(upload, outcome?.reason);
    }
    await this.#each([...failed.keys()], async (upload) => {
      await this.#sendAlone(upload, failed.get(upload));
      await this.#acknowledge(upload);
    });
  }

  async #missingOf(uploads: readonly Upload[]): Promise<readonly Upload[]> {
    const missing: Upload[] = [];
    await this.#each(uploads, async (upload) => {
      if (await this.#isHeld(upload)) await this.#acknowledge(upload);
      else missing.push(upload);
    });
    return missing;
  }

  // Side by side. When it is over, all of it is, also after a failure.
  async #each(uploads: readonly Upload[], work: (upload: Upload) => Promise<void>): Promise<void> {
    const all = new TaskGroup(CALLS_AT_ONCE);
    try {
      for (const upload of uploads) await all.add(() => this.#calls.run(this.#signal, () => work(upload)));
    } finally {
      await all.settled();
    }
  }

  async #isHeld({ address }: Upload): Promise<boolean> {
    const presence = this.#presence;
    return presence !== undefined && this.#budget.run(() => presence.has(address, this.#signal));
  }

  /** @param failed - how it failed as one of several, if that is known */
  #sendAlone({ content, address }: Upload, failed?: unknown): Promise<void> {
    return this.#budget.run(() => putChecked(this.#storage, content, address, this.#signal), { failed });
  }

  /**
   * Sends several objects in one call.
   *
   * @returns `undefined` if they are to be sent one by one: the call was too large, or took too long, or never got an answer
   */
  #sendTogether(uploads: readonly Upload[]): Promise<readonly PutOutcome[] | undefined> {
    let tries = 0;
    return this.#budget.run(async () => {
      tries++;
      try {
        return await putManyChecked(this.#storage, uploads, this.#signal);
      } catch (error) {
        throwIfAborted(this.#signal);
        const isForNothing =
          hasCode(error, "ERR_TOO_LARGE", "ERR_TIMEOUT", "ERR_UNSUPPORTED") ||
          (hasCode(error, "ERR_UNREACHABLE") && tries >= TRIES_OF_CALL);
        if (!isForNothing) throw error;
        this.#singly = true;
        return undefined;
      }
    });
  }

  async #acknowledge({ content, address, done }: Upload): Promise<void> {
    await this.#acknowledged.add(address, content.length);
    done();
  }
}
