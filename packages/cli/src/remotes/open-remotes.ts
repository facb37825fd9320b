// Opens and closes remotes by their URIs, and asks their kinds for everything that `rlog` needs to know about them.

import { isRemoteLogError, type MirrorTarget, type Remote } from "@remote-log/core";
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
    for (const { label, uri } of places) opened.push(await checkedKind(uri).open(uri, label, context));
  } catch (error) {
    await closeRemotes(opened);
    throw error;
  }
  return opened;
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
  return [...new Set(places.flatMap(({ uri }) => checkedKind(uri).advice?.(uri, error) ?? []))];
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
