// Signs checkpoints: never two roots of one size, and none that the journal does not hold; docs/decisions/0004.

import { bytesEqual } from "../bytes.ts";
import {
  bearsLineOf,
  type Checkpoint,
  checkpointOrigin,
  parseSignedNote,
  signCheckpoint,
} from "../checkpoint/index.ts";
import type { SigningKey } from "../crypto/index.ts";
import { corrupt } from "../journal/journal.ts";
import type { CompactRange } from "../merkle/index.ts";

/** A checkpoint and its signed note. */
export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: string;
}

/**
 * Signs checkpoints. It never signs two roots of one size, and no checkpoint leaves the process before the journal holds
 * it. One signature serves every remote: it covers no address.
 */
export class CheckpointSigner {
  readonly #key: () => SigningKey;
  readonly #origin: string;
  readonly #onSigned: (size: number) => Promise<void>;
  #largest: SignedCheckpoint | undefined;
  #recording: Promise<unknown> = Promise.resolve();

  /**
   * @param key - the key that signs now
   * @param largest - the largest checkpoint that the journal knows
   * @param onSigned - called with the size of the largest, once it is durable and before it is used
   */
  constructor(
    key: () => SigningKey,
    logId: string,
    largest: SignedCheckpoint | undefined,
    onSigned: (size: number) => Promise<void> = async () => undefined,
  ) {
    this.#key = key;
    this.#origin = checkpointOrigin(logId);
    this.#largest = largest;
    this.#onSigned = onSigned;
  }

  /** The largest checkpoint signed so far. */
  get largest(): SignedCheckpoint | undefined {
    return this.#largest;
  }

  /**
   * Signs the state of a tree. It must be recorded before it is used.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if another root was signed for this size
   */
  async sign(tree: CompactRange): Promise<SignedCheckpoint> {
    const checkpoint = { origin: this.#origin, size: tree.size, root: tree.root() };
    const key = this.#key();
    if (this.#largest?.checkpoint.size === tree.size) {
      if (!bytesEqual(this.#largest.checkpoint.root, checkpoint.root))
        throw corrupt(`another root was signed for its first ${tree.size} entries before`);
      const { publicKey } = key;
      if (bearsLineOf(parseSignedNote(this.#largest.note), { name: this.#origin, publicKey }))
        return this.#largest;
    }
    return { checkpoint, note: await signCheckpoint(checkpoint, key) };
  }

  /**
   * Makes a signed checkpoint durable before it leaves the process.
   *
   * @param write - writes the largest note that was ever signed, together with the records that belong to it
   */
  async record(signed: SignedCheckpoint, write: (largest: string) => Promise<void>): Promise<void> {
    // One after another, so that a smaller checkpoint never takes the place of a larger one in the journal.
    const turn = this.#recording.then(async () => {
      const largest = this.#larger(signed);
      await write(largest.note);
      this.#largest = largest;
      await this.#onSigned(largest.checkpoint.size);
    });
    this.#recording = turn.catch(() => undefined);
    return turn;
  }

  /** Adopts a checkpoint that another device signed with this key, after a recovery. */
  adopt(signed: SignedCheckpoint): void {
    this.#largest = this.#larger(signed);
  }

  /** Adopts what a later key signed, in the place of all that a former one signed here. */
  replace(signed: SignedCheckpoint): void {
    this.#largest = signed;
  }

  // Of one state, the note that was signed last: by a later key, perhaps.
  #larger(signed: SignedCheckpoint): SignedCheckpoint {
    const largest = this.#largest?.checkpoint;
    const { size, root } = signed.checkpoint;
    const isNewer =
      largest === undefined ||
      size > largest.size ||
      (size === largest.size && bytesEqual(root, largest.root));
    return isNewer ? signed : this.#largest!;
  }
}
