// The name of a remote, out of the options of whoever opens it.

import { InvalidInputError } from "@remote-log/core";
import { IpnsName } from "./ipns-name.ts";
import { NameKeys } from "./name-keys.ts";

/** Under which name a log is published. One of the two has to be given. */
export interface RemoteNameOptions {
  /**
   * For a writer: the seed of the Ed25519 key of the name, 32 bytes; `deriveKeys(seed).ipns` of the log's seed. The key
   * that signs the log itself is not needed here.
   */
  readonly nameKey?: Uint8Array | undefined;
  /** For a reader: the IPNS name under which the log is published, `k51…`, in any common form. */
  readonly name?: string | undefined;
}

/**
 * The name that a log is published under: the one that was given, or that of the key.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if there is neither, or if the name is not that of the key
 */
export async function remoteName({ name: text, nameKey }: RemoteNameOptions): Promise<IpnsName> {
  const given = text === undefined ? undefined : IpnsName.fromText(text);
  const own = (await new NameKeys(nameKey).own())?.name;
  if (given !== undefined && own !== undefined && !given.equals(own)) {
    throw invalid(
      `the name ${given} is not that of the key, which is ${own}. A writer can leave the name out`,
    );
  }
  const name = given ?? own;
  if (name !== undefined) return name;
  throw invalid(
    "it has neither a name nor a key. A writer gives `nameKey` (deriveKeys(seed).ipns of the log's seed), a reader gives " +
      "`name` (k51…; in a URI name=k51…)",
  );
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(`A remote on IPFS can't be opened: ${why}.`, { operation: "ipfs.open" });
}
