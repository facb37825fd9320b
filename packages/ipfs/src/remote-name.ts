import { InvalidInputError } from "@remote-log/core";
import { IpnsName } from "./record/ipns-name.ts";
import { NameKeys } from "./record/name-keys.ts";

/** What tells under which name a log is published; one of them has to be there. */
export interface RemoteNameOptions {
  /**
   * For a writer: the seed of the Ed25519 key of the name, 32 bytes; `deriveKeys(seed).ipns` of the log's seed. The key
   * that signs the log itself is not needed here.
   */
  readonly nameKey?: Uint8Array;
  /** For a reader: the IPNS name under which the log is published, `k51…`, in any form that is in use. */
  readonly name?: string;
}

/**
 * The name that a log is published under: the one that was given, or that of the key.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` where there is neither, or where they are not of one another
 */
export async function remoteName({ name: text, nameKey }: RemoteNameOptions): Promise<IpnsName> {
  const given = text === undefined ? undefined : IpnsName.fromText(text);
  const own = (await new NameKeys(nameKey).own())?.name;
  if (given !== undefined && own !== undefined && !given.equals(own)) {
    throw invalid(
      `the name ${given} is not that of the key, which is ${own}. Who writes can leave the name out`,
    );
  }
  const name = given ?? own;
  if (name !== undefined) return name;
  throw invalid(
    "it has neither a name nor a key. Who writes gives `nameKey` (deriveKeys(seed).ipns of the log's seed), who " +
      "reads gives `name` (k51…; in a URI name=k51…)",
  );
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(`A remote on IPFS can't be opened: ${why}.`, { operation: "ipfs.open" });
}
