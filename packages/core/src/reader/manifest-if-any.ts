// The manifest, for readers of logs that may have none: what reads it is loaded when the first one shows.

import type { VerifiedManifest } from "../log/head-manifest.ts";
import type { Remote } from "../remote/remote.ts";
import type { NewestManifest, SettleOptions } from "./newest-manifest.ts";
import type { ReaderMemory } from "./reader-memory.ts";

/** The newest manifest of a log, if it has one. */
export class ManifestIfAny {
  readonly #memory: ReaderMemory;
  readonly #remotes: readonly Remote[];
  #newest: NewestManifest | undefined;

  constructor(memory: ReaderMemory, remotes: readonly Remote[]) {
    this.#memory = memory;
    this.#remotes = remotes;
  }

  /** Loads what an earlier run kept. */
  async load(): Promise<void> {
    if (await this.#memory.hasManifest()) await (await this.#open()).load();
  }

  /** The newest that was verified; `undefined` if the log says nothing of itself. */
  get verified(): VerifiedManifest | undefined {
    return this.#newest?.verified;
  }

  /**
   * Advances to the newest manifest that remotes show and that extends the one before, and checks that they show the newest.
   *
   * @throws RollbackError `ERR_ROLLBACK`, StaleError `ERR_STALE` if all show an older one
   * @throws what `onFork` throws
   */
  async settle(options: SettleOptions): Promise<void> {
    if (options.offers.some(({ view }) => view.head.manifest !== undefined)) await this.#open();
    await this.#newest?.settle(options);
  }

  async #open(): Promise<NewestManifest> {
    const { NewestManifest: Opened } = await import("./newest-manifest.ts");
    this.#newest ??= new Opened(this.#memory, this.#remotes);
    return this.#newest;
  }
}
