// Whether the clock of this machine agrees with that of a service: time decides about records, signatures and certificates.

import type { Fetch } from "@remote-log/core/adapter";
import { discardBody, withDeadline } from "@remote-log/core/adapter";
import { originsOf } from "../remotes/linked/trust.ts";
import { proxiedFetch } from "../remotes/proxy/proxied-fetch.ts";
import { kindOf } from "../remotes/registry.ts";
import type { Finding } from "../remotes/remote-kind.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { counted } from "../terminal/counted.ts";

/** How far clocks may be apart, in milliseconds: S3 refuses requests from 15 minutes on. */
const TOLERATED = 5 * 60 * 1000;

/** How long a service may take to say what time it is, in milliseconds. */
const DEADLINE = 10_000;

/**
 * Compares the clock of this machine with what the service of a remote says in the header `Date` (RFC 9110 §6.6.1): one request
 * `HEAD`, without credentials, whose status does not matter.
 *
 * @returns what needs care; `undefined` if the clocks agree, or if the service says nothing: a folder, a bucket without an endpoint
 * in its URI, no connection
 * @throws the reason of the signal
 */
export async function compareClock(place: RemotePlace, signal: AbortSignal): Promise<Finding | undefined> {
  const origin = originOf(place);
  if (origin === undefined) return undefined;
  const fetch = place.linked?.access.fetch ?? proxiedFetch();
  const difference = await differenceAt(fetch, origin, signal);
  if (difference === undefined || Math.abs(difference) <= TOLERATED) return undefined;
  const how = difference > 0 ? "behind" : "ahead of";
  const here = new Date();
  const there = new Date(here.getTime() + difference);
  const message =
    `The clock of this machine says ${here.toISOString()}, which is ${lengthOf(Math.abs(difference))} ${how} that of ${origin} ` +
    `(${there.toISOString()}). One of them is wrong. With a wrong clock here, IPNS records and certificates count as expired or ` +
    "not valid yet, and S3 refuses requests: set it right.";
  return { code: "clock-differs", message };
}

/** The origin of the service that is asked first. */
function originOf({ uri }: RemotePlace): string | undefined {
  return [...originsOf(uri), ...(kindOf(uri)?.ownOrigins?.() ?? [])].find((origin) =>
    /^https?:/.test(origin),
  );
}

/** By how much the clock of a service is ahead of this one, in milliseconds. */
async function differenceAt(fetch: Fetch, origin: string, signal: AbortSignal): Promise<number | undefined> {
  const deadline = { milliseconds: DEADLINE, operation: "doctor.clock", backend: origin, signal };
  try {
    return await withDeadline(deadline, async (inner) => {
      const before = Date.now();
      const reply = await fetch(`${origin}/`, { method: "HEAD", redirect: "manual", signal: inner });
      const between = (before + Date.now()) / 2;
      await discardBody(reply);
      // A cache repeats what the service said long ago.
      const said = reply.headers.has("age") ? Number.NaN : Date.parse(reply.headers.get("date") ?? "");
      return Number.isNaN(said) ? undefined : said - between;
    });
  } catch {
    signal.throwIfAborted();
    // Why it can't be reached is told by what reads from it.
    return undefined;
  }
}

function lengthOf(milliseconds: number): string {
  const days = Math.floor(milliseconds / 86_400_000);
  if (days >= 2) return counted(days, "day");
  return counted(Math.floor(milliseconds / 60_000), "minute");
}
