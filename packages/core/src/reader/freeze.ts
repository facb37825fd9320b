// A log that forked is frozen, for this reader and for all that share its store; docs/protocol.md, "States over time".

import type { ForkError, ForkEvidence } from "../errors/index.ts";
import { readGenesis } from "../log/genesis.ts";
import type { VerifiedHead } from "../log/head.ts";
import type { Remote } from "../remote/remote.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import { forkError } from "../tree/fork-error.ts";
import type { ReaderMemory, SavedState } from "./reader-memory.ts";

/** Whether a log is frozen. */
export class Freeze {
  readonly #memory: ReaderMemory;
  readonly #logId: string;
  #fork: ForkError | undefined;

  constructor(memory: ReaderMemory, logId: string) {
    this.#memory = memory;
    this.#logId = logId;
  }

  /**
   * Takes over what an earlier run found.
   *
   * @throws ForkError `ERR_FORK` if the log stays frozen for good
   */
  load({ fork }: SavedState): void {
    if (fork === undefined) return;
    this.#fork = forkError(this.#logId, "an earlier run", fork);
    this.throwIfForGood();
  }

  /** Whether the log is frozen. */
  get isFrozen(): boolean {
    return this.#fork !== undefined;
  }

  /** @throws ForkError `ERR_FORK` if the log is frozen */
  throwIfFrozen(): void {
    if (this.#fork !== undefined) throw this.#fork;
  }

  /**
   * A fork ends if the owner of the log has replaced the key that signed both sides, and remotes may show that. A log without a
   * recovery key stays frozen for good.
   *
   * @throws ForkError `ERR_FORK` if the log is frozen, and stays so
   */
  throwIfForGood(): void {
    if (this.#fork !== undefined && !mayEnd(this.#fork.evidence)) throw this.#fork;
  }

  /**
   * Looks whether another reader of the store has found a fork. It costs one read of the store.
   *
   * @throws ForkError `ERR_FORK`
   */
  async check(options: OperationOptions): Promise<void> {
    this.throwIfFrozen();
    this.throwIfSaved(await this.#memory.load(options));
  }

  /** @throws ForkError `ERR_FORK` if another reader of the store has found a fork */
  throwIfSaved({ fork }: SavedState): void {
    if (fork === undefined) return;
    this.#fork = forkError(this.#logId, "a remote of another reader with the same store", fork);
    throw this.#fork;
  }

  /**
   * Ends a fork if a later key than the one that signed both sides has signed one of the heads: its owner has said which of the two
   * histories is the log.
   *
   * @throws ForkError `ERR_FORK` if the log stays frozen
   */
  async endBy(heads: readonly VerifiedHead[], saved: SavedState): Promise<void> {
    const fork = saved.fork ?? this.#fork?.evidence;
    if (fork === undefined) return;
    if (mayEnd(fork)) {
      const { endsFork } = await import("./former-keys.ts");
      if (heads.some((head) => endsFork(fork, head))) {
        await this.#memory.endFork(fork);
        this.#fork = undefined;
        return;
      }
    }
    this.throwIfFrozen();
    this.throwIfSaved(saved);
  }

  /** Freezes the log, also if the store could not keep the proof. */
  readonly onFork = async (remote: Remote | undefined, evidence: ForkEvidence): Promise<never> => {
    this.#fork = forkError(this.#logId, remote?.label ?? "an earlier run", evidence);
    await this.#memory.saveFork(evidence);
    throw this.#fork;
  };
}

function mayEnd({ genesis }: ForkEvidence): boolean {
  return readGenesis(genesis).genesis.recoveryKeyHash !== undefined;
}
