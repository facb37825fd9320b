// Lies about contents: changed, swapped, vanished.

import { type Address, type ByteRange, NotFoundError } from "@remote-log/core";
import type { Lie } from "../lie.ts";
import type { Change } from "./changes.ts";

/** Chooses contents by the text of their address. */
export type Which = (address: string) => boolean;

const all: Which = () => true;

/**
 * Every content that is read was changed.
 *
 * @param which - the contents to change; default all
 */
export function changedContents(change: Change, which: Which = all): Lie {
  return {
    async get({ address, honest }) {
      const bytes = await honest();
      return which(String(address)) ? change(bytes) : bytes;
    },
  };
}

/** Contents change places: what is read at an address is what was stored, through this liar, after it. */
export function swappedContents(): Lie {
  return {
    async get({ address, options: { range }, honest, history }) {
      const addresses = [...history.contents.keys()];
      const place = addresses.indexOf(String(address));
      if (place < 0) return honest();
      const other = history.contents.get(addresses[(place + 1) % addresses.length]!)!;
      const { offset = 0, length = other.length } = range ?? {};
      return other.slice(offset, offset + length);
    },
  };
}

/**
 * Contents are gone: not there, the storage says.
 *
 * @param after - how many reads are still answered honestly; default none
 * @param which - the contents that go; default all
 */
export function vanishedContents(after = 0, which: Which = all): Lie {
  let reads = 0;
  return {
    get: async ({ address, honest }) =>
      which(String(address)) && reads++ >= after ? gone(address) : honest(),
    has: async ({ address, honest }) => (which(String(address)) && reads >= after ? false : honest()),
  };
}

/**
 * Whatever is read, contents and names, has a byte more than the caller takes.
 *
 * @param unlimited - how many bytes come if the caller sets no limit; default 1 MiB
 */
export function endless(unlimited: number = 2 ** 20): Lie {
  const tooMany = (maxBytes: number | undefined): Uint8Array => new Uint8Array((maxBytes ?? unlimited) + 1);
  return {
    async get({ honest, options }) {
      await honest();
      return tooMany(options.range?.length ?? options.maxBytes);
    },
    async resolve({ honest, options }) {
      const resolution = await honest();
      return { revision: "endless", ...resolution, status: "found", content: tooMany(options.maxBytes) };
    },
  };
}

function gone(address: Address): never {
  throw new NotFoundError(`There is nothing at ${address}.`, { operation: "storage.get" });
}

/** What is asked for in place of a range; `undefined` for the whole content. */
export type OtherRange = (range: ByteRange) => ByteRange | undefined;

/**
 * Of every content of which a part is asked for, another part is given.
 *
 * @param other - which; default the whole content, as of a service that ignores ranges
 */
export function otherRanges(other: OtherRange = () => undefined): Lie {
  return {
    get: async ({ address, options, honest, remote }) =>
      options.range === undefined
        ? honest()
        : remote.storage.get(address, { signal: options.signal, range: other(options.range) }),
  };
}
