// A CAS and an NS used together.

import { InvalidInputError } from "../errors/index.ts";
import { checkArgument, checkOptionTypes } from "../options/check-option-types.ts";
import { list, type OptionKind, record, required, text, withMethods } from "../options/option-kinds.ts";
import type { NameResolver } from "./name-resolver.ts";
import type { StorageBackend } from "./storage-backend.ts";

/**
 * One CAS and one NS used together (as git uses the word). A log can have several; any storage can be combined with any
 * resolver.
 */
export interface Remote {
  /**
   * What this remote is called in receipts, states and errors, and in the journal; unique among the remotes of a
   * log. 1 to 256 printable characters.
   */
  readonly label: string;
  /** Where contents, pages and index nodes are. */
  readonly storage: StorageBackend;
  /** Where the head is found. */
  readonly names: NameResolver;
  /** The name under which the head is found. Default: the log id as 64 hexadecimal digits. */
  readonly name?: string | undefined;
}

const operation = "remotes.check";
const aRemote = 'a remote, such as what fsRemote({ root: "folder" }) of @remote-log/fs returns';
const remoteList: OptionKind = { ...list, expected: `an array of remotes, each ${aRemote}` };

/** What a storage has to be. */
export const storageKind: OptionKind = backendKind(["put", "get", "has"], "the storage of a remote");
/** What a name system has to be. */
export const namesKind: OptionKind = backendKind(["resolve", "update"], "the names of a remote");

const remoteKinds = {
  label: required(text),
  storage: required(storageKind),
  names: required(namesKind),
  name: text,
};

function backendKind(methods: readonly string[], what: string): OptionKind {
  const { is } = withMethods(methods, what);
  const whole = (value: unknown): boolean =>
    is(value) && record.is((value as { readonly capabilities?: unknown }).capabilities);
  return {
    is: whole,
    expected: `${what}: an object with capabilities and the methods ${methods.join(", ")}`,
  };
}

/**
 * Checks a list of remotes: at least one, and each with a label of its own, of 1 to 256 printable characters.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkRemotes(remotes: readonly Remote[]): void {
  const labels = new Set<string>();
  checkArgument(remotes, remoteList, { name: "`remotes`", operation });
  for (const [i, remote] of remotes.entries()) {
    checkArgument(remote, { ...record, expected: aRemote }, { name: `\`remotes[${i}]\``, operation });
    checkOptionTypes(remote, remoteKinds, { name: `\`remotes[${i}]\``, operation });
    const { label } = remote;
    if (label.length === 0 || label.length > 256 || /\p{C}/u.test(label)) {
      throw invalid("The label of a remote must have 1 to 256 printable characters.");
    }
    if (labels.has(label)) throw invalid(`Two remotes are called "${label}": give each a label of its own.`);
    labels.add(label);
  }
  if (labels.size === 0) throw invalid("A log needs at least one remote to be read.");
}

function invalid(message: string): InvalidInputError {
  return new InvalidInputError(message, { operation });
}
