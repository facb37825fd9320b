// Opens and closes remotes by their URIs, and asks their kinds for everything that `rlog` needs to know about them.

import { isRemoteLogError, type MirrorTarget, type Remote, type RemoteLogError } from "@remote-log/core";
import { NOT_PUBLIC } from "./linked/guarded-fetch.ts";
import { originsOf } from "./linked/trust.ts";
import { kindOf } from "./registry.ts";
import type { Checkup, CheckupOptions, OpenedTarget, RemoteContext, RemoteKind } from "./remote-kind.ts";
import { parseRemote, type RemotePlace } from "./remote-place.ts";

/** Opens remotes: all of them, or none. */
export async function openRemotes(
  places: readonly RemotePlace[],
  context: RemoteContext = {},
): Promise<Remote[]> {
  const opened: Remote[] = [];
  try {
    for (const place of places) opened.push(await open(place, context));
  } catch (error) {
    await closeRemotes(opened);
    throw error;
  }
  return opened;
}

async function open({ label, uri, linked }: RemotePlace, context: RemoteContext): Promise<Remote> {
  if (linked !== undefined) return linked.open(uri, label, linked.access);
  return checkedKind(uri).open(uri, label, context);
}

/** The URI by which readers find a writer's remote. */
export async function readerUri({ uri }: RemotePlace, context: RemoteContext): Promise<string> {
  return (await checkedKind(uri).readerUri?.(uri, context)) ?? uri;
}

/** Opens the target of a mirror. */
export async function openTarget(
  { uri, label }: RemotePlace,
  ipnsName: string | undefined,
): Promise<OpenedTarget> {
  const { openTarget, open } = checkedKind(uri);
  return openTarget === undefined ? open(uri, label, {}) : openTarget(uri, label, ipnsName);
}

/** What the service of a remote reports about its health; `undefined` for kinds that report nothing. */
export async function checkUp(
  { uri }: RemotePlace,
  remote: Remote,
  options: CheckupOptions,
): Promise<Checkup | undefined> {
  return checkedKind(uri).checkup?.(uri, remote, options);
}

/** Advice besides the error when a log could not be read from some remotes, or published to them. Each advice once. */
export function adviceOn(places: readonly RemotePlace[], error: unknown): string[] {
  if (!isRemoteLogError(error)) return [];
  const advice = places.flatMap((place) => [
    checkedKind(place.uri).advice?.(place.uri, error),
    adviceOnCredentials(place, error),
    adviceOnChange(error),
  ]);
  return [...new Set(advice)].filter((text) => text !== undefined);
}

// What the error calls by the name that programs use.
function adviceOnChange({ code, operation }: RemoteLogError): string | undefined {
  if (code === "ERR_SUPERSEDED" && operation.startsWith("writer."))
    return "The command for that is: rlog recover --seed-file -, with the recovery words";
  return code === "ERR_REMOTE_CHANGED" ? "The command for that is: rlog repair" : undefined;
}

/** A service that refuses a reader without credentials may let the user's own in. */
function adviceOnCredentials(
  { uri, linked }: RemotePlace,
  { code, reason }: RemoteLogError,
): string | undefined {
  if (linked === undefined || code !== "ERR_DENIED" || reason === NOT_PUBLIC) return undefined;
  const options = originsOf(uri).map((origin) => `--trust '${origin}'`);
  if (options.length === 0) return undefined;
  return `What a link names is read without your credentials. To use them there, add ${options.join(" ")}.`;
}

/** Closes remotes. */
export async function closeRemotes(remotes: readonly (Remote | MirrorTarget)[]): Promise<void> {
  for (const { storage, names } of remotes) {
    await storage.close?.();
    await names?.close?.();
  }
}

// URIs from config.json come here unchecked.
function checkedKind(uri: string): RemoteKind {
  return kindOf(parseRemote(uri).uri)!;
}
