import {
  type Address,
  addressOf,
  DeniedError,
  NotFoundError,
  QuotaExhaustedError,
  rawSha256,
  type StorageBackend,
  TooLargeError,
  UnreachableError,
} from "@remote-log/core";
import { discardBody, readBody } from "@remote-log/core/adapter";

/** A sound storage over HTTP: contents by PUT, GET and HEAD, under their addresses. */
export function webStorage(url: string, token: string): StorageBackend {
  const hashTypes = [rawSha256];
  const largestContent = 16 * 1024 * 1024;

  async function send(operation: string, address: Address, init: RequestInit, maxBytes = largestContent) {
    let status: number;
    let content: Uint8Array | undefined;
    try {
      const reply = await fetch(`${url}/${address}`, {
        ...init,
        headers: { authorization: `Bearer ${token}` },
      });
      status = reply.status;
      // Nothing but a content is read: the text of an error, or the answer to a write, may never end.
      const isContent = operation === "storage.get" && reply.ok;
      if (isContent) content = await readBody(reply, { limit: maxBytes, operation, what: `${address}` });
      else await discardBody(reply);
    } catch (cause) {
      init.signal?.throwIfAborted();
      if (cause instanceof TooLargeError) throw cause;
      throw new UnreachableError("The service gave no answer.", { operation, cause });
    }
    if (status === 403) throw new DeniedError("The service refuses the token.", { operation });
    if (status === 507) throw new QuotaExhaustedError("The service has no room left.", { operation });
    if (status >= 400 && status !== 404) {
      throw new UnreachableError(`The service says ${status}.`, { operation });
    }
    return { found: status !== 404, content };
  }

  return {
    name: "web",
    capabilities: { largestContent, hashTypes, readYourWrites: true, delete: false, list: false },
    async put(content, { signal = null } = {}) {
      const body = new Uint8Array(content);
      const address = await addressOf(body, rawSha256);
      await send("storage.put", address, { method: "PUT", body, signal });
      return address;
    },
    async get(address, { signal = null, maxBytes } = {}) {
      const { found, content } = await send("storage.get", address, { signal }, maxBytes);
      if (!found || content === undefined)
        throw new NotFoundError(`There is no ${address}.`, { operation: "storage.get" });
      return content;
    },
    has: async (address, { signal = null } = {}) =>
      (await send("storage.has", address, { method: "HEAD", signal })).found,
  };
}
