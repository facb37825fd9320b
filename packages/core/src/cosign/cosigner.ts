// Signs checkpoints of logs by the rule of C2SP tlog-witness: never one that does not extend all that it signed before.

import { bytesEqual } from "../bytes.ts";
import {
  type Checkpoint,
  formatSignedNote,
  type NoteSignature,
  parseCheckpoint,
  parseSignedNote,
  type SignedNote,
} from "../checkpoint/index.ts";
import type { SigningKey } from "../crypto/signing-key.ts";
import { IntegrityError, RollbackError, UnreachableError } from "../errors/index.ts";
import { timeNow } from "../runtime/clock.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import { type CosignerIdentity, cosign, cosignedAt, keyHashOf } from "./cosignature.ts";
import { cosignerKeyText, ED25519 } from "./key-text.ts";

/** Where a cosigner keeps what it signed: a `ReaderStore` is one. Whoever deletes it breaks the cosigner's promise. */
export interface CosignerStore {
  /** The value under a key, or `undefined` if it has none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Sets a value if the key holds the expected one, in one atomic step for all processes; durable when it resolves. */
  compareAndSet(key: string, expected: Uint8Array | undefined, value: Uint8Array): Promise<boolean>;
}

/** Options of a {@link Cosigner}. */
export interface CosignerOptions {
  /** Name of the key; best a URL without its scheme: `"mirror.example/alice"`. */
  readonly name: string;
  /** The key. It signs nothing else: no log, and no other statement. */
  readonly key: SigningKey;
  /** Where it keeps what it signed. All who use the key have to share one. */
  readonly store: CosignerStore;
  /** How old its signature on the newest state gets before it is made anew, in seconds. Default a day (86,400). */
  readonly refreshSeconds?: number | undefined;
}

/** A checkpoint that is to be cosigned. */
export interface CosignRequest {
  /** The signed note, verified: the log's own key signed it. */
  readonly note: string;
  /** The key of the log that it is signed with: an Ed25519 public key, 32 bytes. */
  readonly logKey: Uint8Array;
  /** Whether what was signed before is the beginning of the log at this checkpoint. Asked only about a smaller size. */
  readonly extends: (earlier: Checkpoint) => Promise<boolean>;
}

/** How often a signature is tried anew if another process with this key signed meanwhile. */
const TRIES = 8;

/** A day. */
const REFRESH_SECONDS = 86_400;

/**
 * Signs checkpoints of any number of logs with one key. For each log it keeps the largest that it signed, durably and before the
 * signature leaves it, and refuses one that is smaller or does not extend that.
 */
export class Cosigner implements CosignerIdentity {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly #options: CosignerOptions;
  readonly #refreshSeconds: number;

  constructor(options: CosignerOptions) {
    this.name = options.name;
    this.publicKey = options.key.publicKey;
    this.#options = options;
    this.#refreshSeconds = options.refreshSeconds ?? REFRESH_SECONDS;
    // Refuses a name that can't be one.
    cosignerKeyText(this);
  }

  /** The verifier key, which a policy names the cosigner by. */
  get verifierKey(): string {
    return cosignerKeyText(this);
  }

  /** The largest checkpoint of a log that it signed, with the log's signatures and its own; `undefined` if there is none. */
  async signed(origin: string): Promise<string | undefined> {
    const kept = await this.#options.store.get(keyOf(origin));
    return kept && readKept(kept, origin).note;
  }

  /**
   * Cosigns a checkpoint. If it was signed before, the same signature is returned, unless that has become old.
   *
   * @returns the note with the log's own signature lines and the cosigner's; lines of others are left out
   * @throws RollbackError `ERR_ROLLBACK` for a smaller one than was signed before
   * @throws IntegrityError `ERR_INTEGRITY` for one that does not extend that: the log is forked, or was made anew
   * @throws UnreachableError `ERR_UNREACHABLE` if others with this key keep signing meanwhile
   */
  async cosign({ note, logKey, extends: isExtended }: CosignRequest): Promise<string> {
    const signed = parseSignedNote(note);
    const checkpoint = parseCheckpoint(signed.text);
    const { origin } = checkpoint;
    const { store } = this.#options;
    for (let tries = 0; tries < TRIES; tries++) {
      const kept = await store.get(keyOf(origin));
      const before = kept && readKept(kept, origin);
      if (before !== undefined && !(await this.#mayFollow(checkpoint, before.checkpoint, isExtended)))
        throw contradicts(checkpoint, before.checkpoint);
      const seconds = Math.floor(timeNow() / 1000);
      const made = before && (await this.#fresh(before, signed, seconds));
      if (made !== undefined) return made;
      const line = await cosign(signed.text, this.#options, seconds);
      const whole = formatSignedNote({
        text: signed.text,
        signatures: [...logLines(signed, origin, logKey), line],
      });
      // Durable first: a signature that nobody kept could be contradicted by a later one.
      if (await store.compareAndSet(keyOf(origin), kept, encodeUtf8(whole))) return whole;
    }
    throw new UnreachableError(
      `Another process signed with the key ${this.name} in each of ${TRIES} attempts. Try again later.`,
      { operation: "cosign.sign" },
    );
  }

  async #mayFollow(
    checkpoint: Checkpoint,
    before: Checkpoint,
    isExtended: CosignRequest["extends"],
  ): Promise<boolean> {
    if (checkpoint.size < before.size) throw rolledBack(checkpoint, before);
    if (checkpoint.size === before.size) return bytesEqual(checkpoint.root, before.root);
    return isExtended(before);
  }

  // The same checkpoint gets the same line, so that a name that holds it need not be set again.
  async #fresh(before: Kept, { text }: SignedNote, seconds: number): Promise<string | undefined> {
    if (before.signed.text !== text) return undefined;
    const at = await cosignedAt(before.signed, this);
    const isFresh = typeof at === "number" && at <= seconds && seconds - at < this.#refreshSeconds;
    return isFresh ? before.note : undefined;
  }
}

interface Kept {
  readonly note: string;
  readonly signed: SignedNote;
  readonly checkpoint: Checkpoint;
}

function keyOf(origin: string): string {
  return `cosigned/${origin}`;
}

function readKept(bytes: Uint8Array, origin: string): Kept {
  const note = decodeUtf8(bytes) ?? "";
  const signed = parseSignedNote(note);
  const checkpoint = parseCheckpoint(signed.text);
  if (checkpoint.origin === origin) return { note, signed, checkpoint };
  throw new IntegrityError(`What was kept of ${origin} is of another log. Nothing is signed.`, {
    operation: "cosign.sign",
  });
}

/** The lines of the log's key. Those of others are left out: nobody here can tell whether they are good. */
function logLines({ signatures }: SignedNote, origin: string, logKey: Uint8Array): NoteSignature[] {
  const keyHash = keyHashOf(origin, ED25519, logKey);
  return signatures.filter((line) => line.name === origin && bytesEqual(line.keyHash, keyHash));
}

function rolledBack({ origin, size }: Checkpoint, before: Checkpoint): RollbackError {
  return new RollbackError(
    `${origin} shows ${size} entries, and ${before.size} were cosigned before: it was rolled back. Nothing was signed.`,
    { operation: "cosign.sign", offered: size, verified: before.size },
  );
}

function contradicts({ origin, size }: Checkpoint, before: Checkpoint): IntegrityError {
  return new IntegrityError(
    `${origin} at ${size} entries does not extend the ${before.size} entries that were cosigned before: it was forked, or made anew. ` +
      "Nothing was signed.",
    { operation: "cosign.sign" },
  );
}
