// What opening a keyring gives.

import type { EpochOfLog } from "../log/epoch-keys.ts";
import type { ReadKey } from "../log/read-key.ts";

/** What a keyring holds for a reader. */
export interface OpenedKeyring {
  /**
   * With history the read key of the epoch, which opens everything up to its end, and which `openReader({ key })` takes as well.
   * Else the key that opens the entries of this epoch alone.
   */
  readonly key: ReadKey;
  /** Whether the reader may read what was appended before the epoch, too. */
  readonly withHistory: boolean;
}

/** What opens keyrings. */
export interface KeyringOpener {
  /** See `ReaderIdentity.open`. */
  open(keyring: Uint8Array, log: EpochOfLog): Promise<OpenedKeyring>;
  /** See `ReaderIdentity.recipients`. */
  recipients(): Promise<readonly string[]>;
}
