// The remotes that a link names. Anybody can write a link: it decides what is read, and never with whose credentials.

import { kindOf } from "../registry.ts";
import { parseRemote, type RemotePlace } from "../remote-place.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import { isLocalHost } from "./public-address.ts";
import { originsOf } from "./trust.ts";

/** A remote of a link that is not used. */
export interface RefusedRemote {
  readonly label: string;
  /** Why, and how to allow it: sentences. */
  readonly why: string;
}

/** The remotes of a link, as far as they are used. */
export interface LinkedPlaces {
  readonly used: readonly RemotePlace[];
  readonly refused: readonly RefusedRemote[];
}

/**
 * Decides how the remotes of a link are used:
 *
 * - If the user trusts every origin that the remote names, like one of the user's own, with credentials.
 * - If it can be read as anybody may, and names public places alone, without credentials, and at public addresses alone.
 * - Otherwise not at all.
 *
 * @param uris - of known schemes
 * @param trusted - see `trustedOrigins`
 * @throws CommandError `ERR_USAGE` for what can't be the URI of a remote
 */
export function linkedPlaces(uris: readonly string[], trusted: ReadonlySet<string>): LinkedPlaces {
  const used: RemotePlace[] = [];
  const refused: RefusedRemote[] = [];
  for (const uri of uris) {
    const place = parseRemote(uri);
    const decided = decide(place, trusted);
    if (typeof decided === "string") refused.push({ label: place.label, why: decided });
    else used.push(decided);
  }
  return { used, refused };
}

/** The place as it is used, or why it is not. */
function decide(place: RemotePlace, trusted: ReadonlySet<string>): RemotePlace | string {
  const { uri } = place;
  const origins = originsOf(uri);
  const unknown = origins.filter((origin) => !trusted.has(origin));
  if (origins.length > 0 && unknown.length === 0) return place;
  const { openFromLink, ownOrigins } = kindOf(uri)!;
  const open = openFromLink?.(uri) ?? "it is of a kind that a link can't lead to";
  if (typeof open === "string") return whyRefused(uri, open, unknown);
  const local = unknown.filter(isLocalOrigin);
  if (local.length > 0) return whyRefused(uri, "it is on this machine or in a private network", local);
  const allowed = [...trusted, ...(ownOrigins?.() ?? [])].filter(isOrigin);
  const advice = (origin: string): string => `If you know the place, allow it with --trust '${origin}'.`;
  return { ...place, linked: { open, access: { fetch: guardedFetch({ allowed, advice }) } } };
}

/** Whether a text is the origin of a place on the web: some kinds name places in other ways. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

// What is no URL, opening refuses.
function isLocalOrigin(origin: string): boolean {
  return isOrigin(origin) && isLocalHost(new URL(origin).hostname);
}

function whyRefused(uri: string, why: string, unknown: readonly string[]): string {
  const options = unknown.map((origin) => `--trust '${origin}'`).join(" ");
  return (
    `The link names ${uri}. It was not asked, because ${why}. ` +
    `If you know the place, allow it with ${options}, or give the remote yourself with --remote.`
  );
}
