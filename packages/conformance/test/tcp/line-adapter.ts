// An adapter over the line service, as an author would write one: a storage and names over a pool of connections.
import {
  type Address,
  addressOf,
  DeniedError,
  hashTypeOf,
  InvalidInputError,
  NameConflictError,
  type NameResolver,
  NotFoundError,
  QuotaExhaustedError,
  rawSha256,
  type StorageBackend,
  TooLargeError,
  UnreachableError,
} from "@remote-log/core";
import type { LineClient } from "./line-client.ts";

const hashTypes = [rawSha256];
const largestContent = 1024 * 1024;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

/** Gives an answer that is one of those, or rejects with what the service says. */
function expected(answer: string, operation: string, ...signs: readonly string[]): string {
  if (signs.some((sign) => answer.startsWith(sign))) return answer;
  if (answer === "-DENIED") throw new DeniedError("The service refuses the token.", { operation });
  if (answer === "-FULL") throw new QuotaExhaustedError("The service has no room left.", { operation });
  throw new UnreachableError(`The service says ${answer}.`, { operation });
}

function checkSize(content: Uint8Array, operation: string): void {
  if (content.length <= largestContent) return;
  throw new TooLargeError("The content is too long.", { operation, limit: largestContent });
}

/** Contents by PUT, GET, HAS and DEL, under their addresses. */
export function lineStorage(client: LineClient): StorageBackend {
  return {
    name: "line",
    capabilities: { largestContent, hashTypes, readYourWrites: true, delete: true, list: false },
    async put(content, { signal } = {}) {
      const operation = "storage.put";
      checkSize(content, operation);
      const hex = hexOf(content);
      const address = await addressOf(bytesOf(hex), rawSha256);
      expected(await client.ask(`PUT ${address} ${hex}`, { operation, signal }), operation, "+");
      return address;
    },
    async get(address, { signal, maxBytes = largestContent } = {}) {
      const operation = "storage.get";
      const limit = Math.min(maxBytes, largestContent);
      const answer = await client.ask(`GET ${keyOf(address)}`, { operation, signal, limit });
      if (answer === "-NONE") throw new NotFoundError(`There is no ${address}.`, { operation });
      return bytesOf(expected(answer, operation, "=").slice(1));
    },
    async has(address, { signal } = {}) {
      const operation = "storage.has";
      return (
        expected(await client.ask(`HAS ${keyOf(address)}`, { operation, signal }), operation, "+") === "+1"
      );
    },
    async delete(address, { signal } = {}) {
      const operation = "storage.delete";
      expected(await client.ask(`DEL ${keyOf(address)}`, { operation, signal }), operation, "+");
    },
    close: async () => client.close(),
  };
}

function keyOf(address: Address): string {
  hashTypeOf(address, hashTypes);
  return String(address);
}

/** Names by SET and RESOLVE. */
export function lineNames(client: LineClient, prefix: string): NameResolver {
  const keyOfName = (name: string, operation: string): string => {
    if (/\p{Surrogate}/u.test(name)) {
      throw new InvalidInputError("The name holds half a character.", { operation });
    }
    return prefix + hexOf(new TextEncoder().encode(name));
  };
  return {
    name: "line",
    capabilities: { compareAndSet: "atomic", readYourWrites: true, largestContent, watch: false },
    async update(name, content, { expected: revision, signal }) {
      const operation = "names.update";
      checkSize(content, operation);
      const line = `SET ${keyOfName(name, operation)} ${revision ?? "-"} ${hexOf(content)}`;
      const answer = await client.ask(line, { operation, signal });
      if (answer === "-CONFLICT") throw new NameConflictError(`It does not hold ${revision}.`, { operation });
      return expected(answer, operation, "+").slice(1);
    },
    async resolve(name, { known, signal, maxBytes = largestContent } = {}) {
      const operation = "names.resolve";
      const limit = Math.min(maxBytes, largestContent);
      const answer = await client.ask(`RESOLVE ${keyOfName(name, operation)}`, { operation, signal, limit });
      if (answer === "-NONE") return { status: "absent" };
      const [revision = "", hex = ""] = expected(answer, operation, "=").slice(1).split(" ");
      return revision === known
        ? { status: "unchanged", revision }
        : { status: "found", revision, content: bytesOf(hex) };
    },
    close: async () => client.close(),
  };
}
