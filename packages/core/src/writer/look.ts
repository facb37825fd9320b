// Looks at a name and says what it shows, in the terms in which `decide` decides.

import { bytesEqual } from "../bytes.ts";
import { hasCode } from "../errors/index.ts";
import { contentHash, type IntentRecord, type PublishedRecord } from "../journal/remote-records.ts";
import type { VerifiedHead } from "../log/head.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { Resolution, Revision } from "../remote/name-resolver.ts";
import type { Remote } from "../remote/remote.ts";
import type { Extent, ReadBack, Refusal, Seen } from "./decide.ts";
import { conflict, gone, judgeHead, noHead, type OwnHistory, restored } from "./foreign-head.ts";
import type { RemoteState } from "./remote-state.ts";
import type { RemoteTree } from "./remote-tree.ts";
import type { WriterState } from "./writer-state.ts";

/** What a look at a name showed. */
export interface Look<S extends Seen = Seen> {
  readonly seen: S;
  /** What the name holds; absent if it was not read. */
  readonly content?: Uint8Array;
  /** The error for a refusal to publish because of this. */
  readonly refusal?: (because: Refusal) => unknown;
}

/** Where to look. */
export interface LookOptions {
  readonly remote: Remote;
  readonly name: string;
  /** What the answer is compared with; asked once the answer is there. */
  readonly known: () => Known;
}

/** What an answer is compared with. */
export interface Known {
  readonly published: PublishedRecord | undefined;
  readonly intent: IntentRecord | undefined;
  readonly own: OwnHistory;
  /** Whether this process has not seen the name before. */
  readonly firstLook: boolean;
}

/** What the writer of a log compares an answer with. */
export function knownTo(
  { writer, tree: remoteTree }: { readonly writer: WriterState; readonly tree: RemoteTree },
  { published, intent, looked }: RemoteState,
): Known {
  const { genesis, tree, signer, manifests, keys } = writer;
  const own = {
    logId: genesis.logId,
    size: tree.size,
    signed: signer.largest?.checkpoint,
    prefix: (size: number): Promise<CompactRange> => remoteTree.prefix(size),
    manifests,
    newestKey: keys.newest,
  };
  return { published, intent, own, firstLook: !looked };
}

/** Looks at a name. A head that can't be read is a look, too; any other failure rejects. */
export async function look(options: LookOptions, signal: AbortSignal): Promise<Look> {
  let found: Resolution;
  try {
    found = await resolveName(options, signal);
  } catch (error) {
    const refusal = (): unknown => error;
    if (hasCode(error, "ERR_STALE")) return { seen: { kind: "stale" }, refusal };
    if (!hasCode(error, "ERR_NOT_PROPAGATED")) throw error;
    const holdsPublished = await stillHoldsPublished(options, signal);
    return { seen: { kind: "incomplete", holdsPublished }, refusal };
  }
  const known = options.known();
  if (found.status === "found" && known.intent && bytesEqual(found.content, known.intent.content)) {
    return { seen: { kind: "intended", revision: found.revision }, content: found.content };
  }
  return judgeAnswer(found, options.remote, known, signal);
}

/**
 * Reads a name back after an update was acknowledged. A head that can't be read rejects: it will be looked at again.
 */
export async function readBack(options: LookOptions, signal: AbortSignal): Promise<Look<ReadBack>> {
  const found = await resolveName(options, signal);
  return judgeAnswer(found, options.remote, { ...options.known(), firstLook: false }, signal);
}

// With an intent it does not matter whose head it is: nothing is asked.
async function stillHoldsPublished(options: LookOptions, signal: AbortSignal): Promise<boolean> {
  const { intent, published } = options.known();
  if (intent !== undefined || published === undefined) return false;
  return (await resolveName(options, signal, published.revision)).status === "unchanged";
}

function resolveName(
  { remote, name }: LookOptions,
  signal: AbortSignal,
  known?: Revision,
): Promise<Resolution> {
  const { names } = remote;
  const maxBytes = names.capabilities.largestContent;
  return names.resolve(name, { signal, maxBytes, ...(known !== undefined && { known }) });
}

function extentOf({ checkpoint, manifest }: VerifiedHead): Extent {
  return { size: checkpoint.size, ...(manifest && { manifest: manifest.manifest.version }) };
}

async function judgeAnswer(
  found: Resolution,
  remote: Remote,
  { published, own, firstLook }: Known,
  signal: AbortSignal,
): Promise<Look<ReadBack>> {
  if (found.status === "unchanged") return { seen: { kind: "unchanged" } };
  if (found.status === "absent") {
    const { placeMissing = false } = found;
    return { seen: { kind: "absent", placeMissing }, refusal: () => gone(remote) };
  }
  const { content, revision, expired = false } = found;
  if (contentHash(content) === published?.content) {
    return { seen: { kind: "published", revision, expired }, content };
  }
  const judged = await judgeHead(remote, content, own, firstLook, signal);
  switch (judged.kind) {
    case "own":
      return { seen: { kind: "own", revision, ...extentOf(judged.head) }, content };
    case "foreign":
      return {
        seen: { kind: "foreign", extendsSigned: judged.extendsSigned },
        refusal: (because) =>
          because === "restored" ? restored(remote, judged.head, own) : conflict(remote, judged.head, own),
      };
    case "superseded":
      // As if the name held the log before its first entry: whatever is there is not part of it, and is replaced.
      return { seen: { kind: "own", revision, size: 0 }, content };
    case "no-head":
      return { seen: { kind: "no-head" }, refusal: () => noHead(remote, judged.cause) };
  }
}
