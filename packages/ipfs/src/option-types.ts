// The types of all options of this package, checked at every entry.

import { checkOptionTypes, type OptionKind, optionKinds } from "@remote-log/core/adapter";

const { bytes, callback, flag, list, number, oneOf, record, required, text, withMethods } = optionKinds;

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(text.is);
const isTextOrObject = (value: unknown): boolean => text.is(value) || record.is(value) || callback.is(value);
const aStore = (methods: readonly string[], what: string): OptionKind => required(withMethods(methods, what));
const aUrl: OptionKind = { ...text, expected: 'a string, such as "https://gateway.example"' };
const urls: OptionKind = { is: isTexts, expected: "an array of URLs, each a string" };

/** An option of this package. */
export type OptionName =
  | "node"
  | "url"
  | "urls"
  | "delegated"
  | "headers"
  | "fetch"
  | "label"
  | "name"
  | "nameKey"
  | "pin"
  | "acceptExpired"
  | "searchMilliseconds"
  | "answerMilliseconds"
  | "lifetimeMilliseconds"
  | "ttlMilliseconds"
  | "routeMilliseconds"
  | "publishMilliseconds"
  | "patienceMilliseconds"
  | "everyMilliseconds"
  | "largestContent"
  | "storage"
  | "routes"
  | "routings"
  | "blockstore"
  | "datastore"
  | "pins"
  | "absence"
  | "names"
  | "signal";

const kinds: Readonly<Record<OptionName, OptionKind>> = {
  node: required({
    is: isTextOrObject,
    expected: 'the URL of an RPC, such as "http://127.0.0.1:5001", or a client of kubo-rpc-client',
  }),
  url: aUrl,
  urls,
  delegated: urls,
  headers: record,
  fetch: callback,
  label: text,
  name: { ...text, expected: 'a string, an IPNS name such as "k51…"' },
  nameKey: { ...bytes, expected: "a Uint8Array of 32 bytes: `deriveKeys(seed).ipns`" },
  pin: flag,
  acceptExpired: flag,
  searchMilliseconds: number,
  answerMilliseconds: number,
  lifetimeMilliseconds: number,
  ttlMilliseconds: number,
  routeMilliseconds: number,
  publishMilliseconds: number,
  patienceMilliseconds: number,
  everyMilliseconds: number,
  largestContent: number,
  storage: required(withMethods(["put", "get", "has"], "a storage, such as `ipfsStorage({ node })` returns")),
  routes: required(list, "an array of routes, such as `[kuboRoute({ node })]`"),
  routings: list,
  blockstore: aStore(
    ["get", "put", "has"],
    "a blockstore, such as `helia.blockstore`, or one of blockstore-core",
  ),
  datastore: aStore(["get", "put"], "a datastore, such as `helia.datastore`, or one of datastore-core"),
  pins: withMethods(["add", "rm"], "pins, such as `helia.pins`"),
  absence: oneOf("known", "local"),
  names: required(withMethods(["record", "putRecord"], "names, such as `ipnsNames(…)` returns")),
  signal: optionKinds.signal,
};

/**
 * Checks the types of some options.
 *
 * @param names - those that the caller takes
 * @param caller - what was called, and the operation for the error
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkTypes(
  options: unknown,
  names: readonly OptionName[],
  caller: { readonly name: string; readonly operation: string },
): void {
  const chosen = names.map((name): [string, OptionKind] => [name, kinds[name]]);
  checkOptionTypes(options, Object.fromEntries(chosen), caller);
}
