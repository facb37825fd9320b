// Storages that look at a part of an address, and lists that give something else than what is stored.

import {
  Address,
  ClosedError,
  type OperationOptions,
  rawSha256,
  type StorageBackend,
} from "@remote-log/core";
import type { Mutant } from "./mutant.ts";

/** Compares what is left of two digests as hex. */
type Part = (digest: string) => string;

/** Storages that compare a part of the digest. */
const partial: readonly Mutant[] = [
  ...comparing("the first 8 bytes", (digest) => digest.slice(0, 16)),
  ...comparing("the last 8 bytes", (digest) => digest.slice(-16)),
  ...comparing("both ends", (digest) => digest.slice(0, 16) + digest.slice(-16)),
  ...comparing("all but the last byte", (digest) => digest.slice(0, -2)),
  ...comparing("all but the ninth byte", (digest) => digest.slice(0, 16) + digest.slice(18)),
  {
    fault: "gets by the end of the digest",
    caughtBy: ["CAS-GET-07"],
    broken: ({ storage }, { contents }) => ({
      storage: {
        async get(address, options) {
          const found = similar(contents, address, (digest) => digest.slice(2));
          return storage.get(found ?? address, options);
        },
      },
    }),
  },
];

/** Storages whose lists mislead. */
const lists: readonly Mutant[] = [
  {
    fault: "stops a list at 1,050",
    timeoutMs: 4_000,
    caughtBy: ["CAS-LIST-04"],
    broken: ({ storage }) => ({
      storage: {
        async *list(options) {
          let left = 1050;
          for await (const address of storage.list!(options)) if (left-- > 0) yield address;
        },
      },
    }),
  },
  {
    fault: "pages a list by its offset, while deletes move what follows",
    timeoutMs: 4_000,
    caughtBy: ["CAS-LIST-05"],
    broken: ({ storage }) => ({
      storage: untilClosed(storage, async function* (all, check) {
        for (let offset = 0; ; offset += 1000) {
          const now = await all();
          for (const address of now.slice(offset, offset + 1000)) {
            yield address;
            check("stops when it is closed");
          }
          if (now.length <= offset + 1000) return;
        }
      }),
    }),
  },
  {
    fault: "lists what only looks like an address",
    caughtBy: ["CAS-LIST-06"],
    broken: ({ storage }) => ({
      storage: {
        async *list(options) {
          for await (const address of storage.list!(options))
            yield { toString: () => `${address}` } as Address;
        },
      },
    }),
  },
  {
    fault: "lists names whose keys look like those of contents",
    caughtBy: ["CAS-LIST-06"],
    broken: ({ storage }, { table }) => ({
      storage: {
        async *list(options) {
          yield* storage.list!(options);
          for (const name of table.values.keys()) {
            const digest = new Uint8Array(Buffer.from(name, "hex"));
            if (digest.length === 32) yield Address.create(rawSha256.codec, rawSha256.hash, digest);
          }
        },
      },
    }),
  },
  {
    fault: "continues a list after it was closed",
    caughtBy: ["CAS-LIST-07"],
    broken: ({ storage }) => ({
      storage: untilClosed(storage, async function* (all, check) {
        for (const address of await all()) {
          yield address;
          check("continues when it is closed");
        }
      }),
    }),
  },
  {
    fault: "ends a list quietly when it is closed",
    caughtBy: ["CAS-LIST-07"],
    broken: ({ storage }) => ({
      storage: untilClosed(storage, async function* (all, check) {
        for (const address of await all()) {
          yield address;
          if (check("continues when it is closed")) return;
        }
      }),
    }),
  },
];

function comparing(part: string, of: Part): Mutant[] {
  return [
    {
      fault: `says that it has a content by ${part} of the digest`,
      caughtBy: ["CAS-HAS-03"],
      broken: ({ storage }, { contents }) => ({
        storage: {
          has: async (address, options) => storage.has(similar(contents, address, of) ?? address, options),
        },
      }),
    },
    {
      fault: `deletes by ${part} of the digest`,
      caughtBy: ["CAS-DELETE-06"],
      broken: ({ storage }, { contents }) => ({
        storage: {
          delete: async (address, options) =>
            storage.delete?.(similar(contents, address, of) ?? address, options),
        },
      }),
    },
    {
      fault: `releases by ${part} of the digest`,
      caughtBy: ["CAS-RELEASE-06"],
      broken: ({ storage }, { contents }) => ({
        storage: {
          release: async (address, options) =>
            storage.release?.(similar(contents, address, of) ?? address, options),
        },
      }),
    },
  ];
}

/** A storage with a list of its own, which ends with the signal of its caller. */
function untilClosed(
  storage: StorageBackend,
  list: (
    all: () => Promise<Address[]>,
    check: (what: "stops when it is closed" | "continues when it is closed") => boolean,
  ) => AsyncGenerator<Address, void, undefined>,
): Pick<StorageBackend, "list" | "close"> {
  let closed = false;
  return {
    list({ signal }: OperationOptions = {}) {
      const all = async (): Promise<Address[]> => {
        const listed: Address[] = [];
        for await (const address of storage.list!(signal === undefined ? {} : { signal }))
          listed.push(address);
        return listed;
      };
      return list(all, (what) => {
        signal?.throwIfAborted();
        if (closed && what === "stops when it is closed") {
          throw new ClosedError("It was closed.", { operation: "storage.list" });
        }
        return closed;
      });
    },
    async close() {
      closed = true;
      await storage.close?.();
    },
  };
}

/** The stored address of the same kind, a part of whose digest is that of an address. */
function similar(contents: ReadonlyMap<string, unknown>, address: Address, of: Part): Address | undefined {
  const part = of(hexOf(address));
  for (const text of contents.keys()) {
    const stored = Address.fromString(text);
    const sameKind = stored.codec === address.codec && stored.hash === address.hash;
    if (sameKind && stored.digest.length === address.digest.length && of(hexOf(stored)) === part)
      return stored;
  }
  return undefined;
}

function hexOf({ digest }: Address): string {
  return Buffer.from(digest).toString("hex");
}

/** Storages that mistake addresses. */
export const nearAddressMutants: readonly Mutant[] = [...partial, ...lists];
