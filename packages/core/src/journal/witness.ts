// What was acknowledged, kept a second time outside the journal's database.
//
// A database can lose the end of its log without a word: LevelDB drops what its log can't show (a flipped byte, a file that was
// cut short or deleted) and opens with what is left. Then numbers that were acknowledged would be given out again. So the writer
// tells a second place, the witness, how far it has acknowledged, and compares the two when the journal is opened.
//
// The order decides everything:
//
// 1. the entries are durable in the database,
// 2. the witness has the new size and root,
// 3. `append` resolves.
//
// So the witness is never ahead of the database: whatever it states was durable there before. In a sound journal the database
// may be ahead, by entries that were written and not acknowledged; that is no damage. A crash between 1 and 2 leaves such
// entries, and they stay in the log. The journal's size and root at the size of the witness must fit, or the journal is corrupt.
//
// A database may also have lost only what it knew of remotes, or that a checkpoint was signed. That needs no refusal: what was
// sent is read back, and the same entries have the same root. The size of the largest checkpoint is stated for recoveries alone.
//
// A recovery replaces entries, so that the root of an earlier size changes. The journal counts its recoveries, in the same
// batch that ends each; the witness states the count that it knows. If the journal has counted further, it is newer.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { JournalCorruptError, JournalError } from "../errors/index.ts";
import type { CompactRange } from "../merkle/index.ts";
import { decodeUtf8Loosely, encodeUtf8 } from "../utf8.ts";

/**
 * Keeps the newest statement of what a writer acknowledged, outside the journal's database, so that a database that lost entries
 * is noticed when it is opened. In Node, `fileWitness` of `@remote-log/fs` keeps it in a small file beside the database.
 *
 * A witness belongs to one journal, and to the writer that has it open, which closes it.
 */
export interface JournalWitness {
  /**
   * The statement that was saved last, or one that is a little older if the system lost the last; `undefined` if none was ever
   * saved. It rejects if there was one and it can't be read any more.
   */
  load(): Promise<Uint8Array | undefined>;
  /**
   * Makes of a statement what {@link JournalWitness.save} keeps: called ahead, while the disk is busy, so that less is to be done
   * before an entry is acknowledged. What it returned may be dropped for a newer one. Default: the statement is saved as it is.
   */
  prepare?(statement: Uint8Array): Uint8Array;
  /**
   * Keeps a statement, of at most 512 bytes, in place of the one before. When it resolves (or returns), the statement survives
   * the end of the process. It has to be on disk soon after, without delaying this call for that. The writer waits for each
   * call before it makes the next.
   */
  save(statement: Uint8Array): void | Promise<void>;
  /** Makes the newest statement durable, and ends the use of the witness. */
  close(): Promise<void>;
}

/** What a statement says. */
export interface Acknowledged {
  /** The log id. */
  readonly logId: string;
  /** Number of entries that were acknowledged. */
  readonly size: number;
  /** Root of their Merkle tree. */
  readonly root: Uint8Array;
  /** Size of the largest checkpoint that was signed. */
  readonly signed: number;
  /** Number of recoveries that the journal had completed. */
  readonly recoveries: number;
}

/**
 * Reads what a witness states.
 *
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` with the reason `"witness"` if it is not what a writer stated
 */
export async function loadAcknowledged(witness: JournalWitness): Promise<Acknowledged | undefined> {
  let statement: Uint8Array | undefined;
  try {
    statement = await witness.load();
  } catch (cause) {
    if (cause instanceof JournalCorruptError) throw cause;
    throw failed("read", cause);
  }
  if (statement === undefined) return undefined;
  const acknowledged = parse(statement);
  if (acknowledged !== undefined) return acknowledged;
  throw new JournalCorruptError(
    "The journal's witness, which states how many entries were acknowledged, is damaged. Nothing was written. " +
      "Open the writer with `forRecovery` and call recover(): it compares the journal with the remotes, and renews the witness.",
    { operation: "journal.open", reason: "witness" },
  );
}

type State = Omit<Acknowledged, "logId">;

/** A statement that is made ahead. */
export interface Prepared {
  readonly state: State;
  readonly statement: Uint8Array;
}

/** States to a witness what a writer acknowledges and signs. Without a witness it does nothing. */
export class WitnessRecord {
  readonly #witness: JournalWitness | undefined;
  readonly #logId: string;
  #state: State;
  #saving: Promise<void> | undefined;

  /** @param state - what the journal holds and has signed, durable in its database */
  constructor(witness: JournalWitness | undefined, { logId, ...state }: Acknowledged) {
    this.#witness = witness;
    this.#logId = logId;
    this.#state = state;
  }

  /**
   * What to state once the entries of a tree are durable, made while the disk is busy with them; `undefined` without a witness.
   * Nothing else is appended before it is stated.
   */
  prepare(tree: CompactRange): Prepared | undefined {
    if (this.#witness === undefined) return undefined;
    const state = { ...this.#state, size: tree.size, root: tree.root() };
    const statement = this.#format(state);
    return { state, statement: this.#witness.prepare?.(statement) ?? statement };
  }

  /** States that entries are durable. They are acknowledged once this resolves. */
  appended(prepared: Prepared | undefined): void | Promise<void> {
    if (prepared === undefined) return;
    const { size, root } = prepared.state;
    const { signed, recoveries } = this.#state;
    // A checkpoint may have been signed meanwhile.
    if (signed !== prepared.state.signed) return this.#save({ size, root, signed, recoveries });
    return this.#save(prepared.state, prepared.statement);
  }

  /** States that a checkpoint is signed and durable. It leaves the process once this resolves. */
  async signed(size: number): Promise<void> {
    if (size > this.#state.signed) await this.#save({ ...this.#state, signed: size });
  }

  /** States that a recovery has ended, with this tree. */
  async recovered(tree: CompactRange, signed: number): Promise<void> {
    const recoveries = this.#state.recoveries + 1;
    await this.#save({ size: tree.size, root: tree.root(), signed, recoveries });
  }

  /** Number of recoveries that the journal has completed. */
  get recoveries(): number {
    return this.#state.recoveries;
  }

  /** States what the journal holds as it was opened: to a witness that is new, or that knows less. */
  async renew(): Promise<void> {
    await this.#save(this.#state);
  }

  // One after another: an append and a signature can end at the same time, and neither may take back what the other stated.
  #save(state: State, statement?: Uint8Array): void | Promise<void> {
    this.#state = state;
    if (this.#witness === undefined) return;
    if (this.#saving !== undefined) {
      // The newest state, whatever was stated before it.
      return this.#after(this.#saving, () => this.#state);
    }
    const saving = this.#tell(statement ?? this.#format(state));
    if (saving !== undefined) return this.#after(saving);
  }

  async #after(before: Promise<void>, next?: () => State): Promise<void> {
    const turn =
      next === undefined
        ? before
        : before.catch(() => undefined).then(() => this.#tell(this.#format(next())));
    // A statement that could not be saved fails its own caller; the next one states at least as much.
    this.#saving = turn;
    try {
      await turn;
    } finally {
      if (this.#saving === turn) this.#saving = undefined;
    }
  }

  #tell(statement: Uint8Array): void | Promise<void> {
    const refuse = (cause: unknown): never => {
      throw failed("written", cause);
    };
    try {
      return this.#witness!.save(statement)?.catch(refuse);
    } catch (cause) {
      return refuse(cause);
    }
  }

  #format(state: State): Uint8Array {
    return format({ logId: this.#logId, ...state });
  }
}

function format({ logId, size, root, signed, recoveries }: Acknowledged): Uint8Array {
  const statement = { version: 1, logId, size, root: bytesToHex(root), signed, recoveries };
  return encodeUtf8(JSON.stringify(statement));
}

function parse(statement: Uint8Array): Acknowledged | undefined {
  try {
    const read: unknown = JSON.parse(decodeUtf8Loosely(statement));
    const { version, logId, size, root, signed, recoveries } = read as Record<string, unknown>;
    if (version !== 1 || !isHash(logId) || !isHash(root)) return undefined;
    if (!isCount(size) || !isCount(signed) || !isCount(recoveries)) return undefined;
    return { logId, size, root: hexToBytes(root), signed, recoveries };
  } catch {
    return undefined;
  }
}

function isHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function failed(verb: string, cause: unknown): JournalError {
  // It gave no answer, and says what that means.
  if (cause instanceof JournalError) return cause;
  return new JournalError(
    `The journal's witness could not be ${verb}. Look at the cause (a full disk, for example), then open the writer again.`,
    { operation: "journal.witness", cause },
  );
}
