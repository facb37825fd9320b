// How a remote that a link names is asked: only to read, only at public addresses, and without anything of the user's.

import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { DeniedError } from "@remote-log/core";
import type { Fetch } from "@remote-log/core/adapter";
import type { Agent } from "undici";
import { isLocalHost, isPublicAddress } from "./public-address.ts";

/** The reason of the error for a place that is not public. */
export const NOT_PUBLIC = "not-public";

/**
 * A `fetch` for places that a link names. It sends `GET` and `HEAD` alone, follows no redirect, and connects to public
 * addresses alone: the address that is checked is the one that is connected to, so a name that resolves differently from one
 * moment to the next gains nothing.
 *
 * @param allowed - origins that the user allowed, wherever they are
 */
export function guardedFetch(allowed: ReadonlySet<string>): Fetch {
  let agent: Agent | undefined;
  return async (url, init) => {
    const { origin, hostname } = new URL(url);
    if (!["GET", "HEAD"].includes(init.method ?? "GET")) throw new TypeError("A link is only for reading.");
    const request: RequestInit = { ...init, credentials: "omit", redirect: "manual" };
    if (allowed.has(origin)) return globalThis.fetch(url, request);
    if (isLocalHost(hostname)) throw notPublic(origin);
    // Loaded only when it is used. The agent of the runtime's own `fetch` can't be told how to look names up.
    const undici = await import("undici");
    agent ??= new undici.Agent({ connect: { lookup: lookUpPublic } });
    // Its types are those of another library of types; what adapters use of a reply is the same.
    const send = undici.fetch as unknown as (url: string, init: object) => Promise<Response>;
    try {
      return await send(url, { ...request, dispatcher: agent });
    } catch (error) {
      throw isNotPublic(error) ? notPublic(origin) : error;
    }
  };
}

/** The error for a place that is not public. */
function notPublic(origin: string): DeniedError {
  return new DeniedError(
    `The link leads to ${origin}, which is on this machine or in a private network. Nothing was sent there. ` +
      `If you know the place, allow it with --trust '${origin}'.`,
    { operation: "link.connect", reason: NOT_PUBLIC },
  );
}

/** A name resolved to an address that is not public. */
class NotPublic extends Error {
  override readonly name = "NotPublic";
}

function isNotPublic(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof NotPublic) return true;
  return false;
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

// One address that is not public is enough to refuse the name.
function lookUpPublic(hostname: string, options: LookupOptions, found: Found): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return found(error, []);
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
      return found(new NotPublic(`${hostname} is not a public host.`), []);
    return options.all === true ? found(null, addresses) : found(null, first.address, first.family);
  });
}
