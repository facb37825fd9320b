import { createHash } from "node:crypto";
import { isRemoteLogError, type MirrorTarget, type Remote } from "@remote-log/core";
import { usageError } from "./failure.ts";
import type {
  Checkup,
  CheckupOptions,
  OpenedTarget,
  OpenRemote,
  RemoteContext,
  RemoteKind,
} from "./remote-kind.ts";
import { builtInKinds } from "./remote-kinds.ts";

/** Where a remote is, and what it is called. */
export interface RemotePlace {
  readonly label: string;
  readonly uri: string;
}

const kinds = new Map<string, RemoteKind>(builtInKinds);

/**
 * Makes `rlog` know another kind of remote.
 *
 * @param scheme - the scheme of its URIs, in lower case, without the colon
 * @param kind - what to do with them, or only how to open one
 */
export function registerScheme(scheme: string, kind: OpenRemote | RemoteKind): void {
  kinds.set(scheme, typeof kind === "function" ? { open: kind } : kind);
}

/** Whether the kind of a URI is known. */
export function isKnownKind(uri: string): boolean {
  return kinds.has(schemeOf(uri));
}

/**
 * Reads `[LABEL=]URI`. A remote without a label is called after the end of its URI and a hash of all of it, so
 * that it is always called the same.
 *
 * @throws CommandError `ERR_USAGE`. A URI with a user or password is refused, and not repeated in the message.
 */
export function parseRemote(text: string): RemotePlace {
  const labelled = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})=(.*)$/s.exec(text);
  const uri = labelled?.[2] ?? text;
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(uri)?.[1];
  const known = [...kinds.keys()].map((name) => `${name}:`).join(", ");
  if (!kinds.has(scheme ?? "") && /^(\/?ip[fn]s[:/]|\/(ip4|ip6|dns)|k51|bafz|12D3)/.test(uri)) {
    throw usageError(
      "On IPFS, a remote is a node, by its RPC, ipfs+http://127.0.0.1:5001, or an IPNS name, ipns://k51….",
    );
  }
  if (scheme === undefined) {
    throw usageError(
      `A remote is given as a URI, such as file://${process.cwd()}/remote. These kinds are known: ${known}.`,
    );
  }
  if (!kinds.has(scheme)) {
    throw usageError(`Remotes of the kind ${scheme}: are not known. These are: ${known}.`);
  }
  if (/^[^:]+:\/\/[^/]*@/.test(uri)) {
    throw usageError(
      "The URI of a remote can't hold a user name or a password: it is stored and shown. Take it out.",
    );
  }
  return { label: labelled?.[1] ?? labelOf(uri), uri };
}

/** Opens remotes: all of them, or none. */
export async function openRemotes(
  places: readonly RemotePlace[],
  context: RemoteContext = {},
): Promise<Remote[]> {
  const opened: Remote[] = [];
  try {
    for (const { label, uri } of places) opened.push(await kindOf(uri).open(uri, label, context));
  } catch (error) {
    await closeRemotes(opened);
    throw error;
  }
  return opened;
}

/** The URI by which readers find a writer's remote. */
export async function readerUri({ uri }: RemotePlace, context: RemoteContext): Promise<string> {
  return (await kindOf(uri).readerUri?.(uri, context)) ?? uri;
}

/** Opens the target of a mirror. */
export async function openTarget(
  { uri, label }: RemotePlace,
  ipnsName: string | undefined,
): Promise<OpenedTarget> {
  const { openTarget, open } = kindOf(uri);
  return openTarget === undefined ? open(uri, label, {}) : openTarget(uri, label, ipnsName);
}

/** What the service of a remote says of its health; `undefined` for kinds that say nothing. */
export async function checkUp(
  { uri }: RemotePlace,
  remote: Remote,
  options: CheckupOptions,
): Promise<Checkup | undefined> {
  return kindOf(uri).checkup?.(uri, remote, options);
}

/** What to tell besides the error when a log could not be read from remotes, or published: each advice once. */
export function adviceOn(places: readonly RemotePlace[], error: unknown): string[] {
  if (!isRemoteLogError(error)) return [];
  return [...new Set(places.flatMap(({ uri }) => kindOf(uri).advice?.(uri, error) ?? []))];
}

/** Lets go of what remotes hold open. */
export async function closeRemotes(remotes: readonly (Remote | MirrorTarget)[]): Promise<void> {
  for (const { storage, names } of remotes) {
    await storage.close?.();
    await names?.close?.();
  }
}

function kindOf(uri: string): RemoteKind {
  return kinds.get(schemeOf(parseRemote(uri).uri))!;
}

function schemeOf(uri: string): string {
  return uri.slice(0, uri.indexOf(":"));
}

function labelOf(uri: string): string {
  const place = uri
    .replace(/[?#].*$/s, "")
    .replace(/\/+$/, "")
    .replace(/\/api\/v0$/, "");
  // Of a server without a path, the port alone would tell nobody anything.
  const end = /^[^:]+:\/\/([^/]+)$/.exec(place)?.[1] ?? place.replace(/^.*[/:]/s, "");
  const readable = end.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  const hash = createHash("sha256").update(uri).digest("hex").slice(0, 6);
  return `${readable.slice(0, 40) || "remote"}-${hash}`;
}
