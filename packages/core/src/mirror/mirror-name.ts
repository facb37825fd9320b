// The target's name: what it holds, and setting it.

import {
  type ForkEvidence,
  hasCode,
  IntegrityError,
  SupersededError,
  UnreachableError,
} from "../errors/index.ts";
import { generationOf, type VerifiedHead } from "../log/head.ts";
import type { VerifiedManifest } from "../log/head-manifest.ts";
import { nameContent } from "../remote/name-content.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { Remote } from "../remote/remote.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { compareHeads } from "../tree/compare-heads.ts";
import { forkError } from "../tree/fork-error.ts";
import { compareManifests } from "../tree/manifest-versions.ts";
import { openHead } from "../tree/open-head.ts";
import type { ReadGate } from "../tree/read-gate.ts";
import { TreeView } from "../tree/tree-view.ts";

/** What a target's name holds, compared with the state that is mirrored. */
export interface Standing {
  /** `"unverified"`: nobody showed how the two relate, and the name is left as it is. */
  readonly kind: "older" | "equal" | "newer" | "unverified";
  /** What an update has to build on; `null` if the name holds nothing. */
  readonly revision: Revision | null;
  /** What the copy says of the manifest: the newest of both that is proven; absent if the log has none. */
  readonly manifest?: VerifiedManifest | undefined;
  /** The tree that it leads to, in the target; absent if the name holds nothing, or nothing verified. */
  readonly view?: TreeView;
  /** Why it is unverified. */
  readonly cause?: unknown;
}

/** What is mirrored. */
export interface MirroredState {
  readonly view: TreeView;
  /** The newest manifest, wherever it was shown. Default: that of the head. */
  readonly manifest?: VerifiedManifest | undefined;
}

/** How requests to the target are made: again after failures that may pass. */
export type Repeat = <T>(request: () => Promise<T>) => Promise<T>;

/** Repeats each read of a tree in the target by itself. */
export function gateOf(repeat: Repeat): ReadGate {
  return { run: (_, read) => repeat(read) };
}

/**
 * Looks at what a target's name holds, and verifies it.
 *
 * @param state - the state that is mirrored
 * @throws IntegrityError `ERR_INTEGRITY` if it holds something that is not a head of this log
 * @throws ForkError `ERR_FORK` if it holds a head that contradicts the mirrored one
 */
export async function lookAtName(
  to: Remote,
  { view, manifest: own = view.head.manifest }: MirroredState,
  repeat: Repeat,
  signal: AbortSignal,
): Promise<Standing> {
  const { logId } = view.head.genesis;
  const { names } = to;
  const maxBytes = Math.min(names.capabilities.largestContent, view.limits.headBytes);
  const found = await repeat(() => names.resolve(to.name ?? logId, { signal, maxBytes }));
  if (found.status === "absent") return { kind: "older", revision: null, manifest: own };
  if (found.status === "unchanged") {
    throw new UnreachableError(
      `${to.label} answered "unchanged" to a request without a known revision. Try again.`,
      { operation: "mirror.name" },
    );
  }
  const { revision } = found;
  const head = await repeat(() => openTarget(to, logId, found.content, view, signal));
  const gate = gateOf(repeat);
  const there = new TreeView(head, to.storage, view.limits, signal, gate);
  // What was copied is in the target, even if the source shows it no more.
  const elsewhere = (larger: TreeView): TreeView[] =>
    larger === view ? [new TreeView(view.head, to.storage, view.limits, signal, gate)] : [];
  const manifest = await newestManifest(to, { own, there: head }, view.storage, signal);
  const relation = await compareHeads(view, there, { signal, elsewhere });
  // It knows of a later key: a head of the former one never takes its place.
  const isOfLaterKey = generationOf(head) > generationOf(view.head);
  switch (relation.kind) {
    case "same":
      if (isOfLaterKey) return { kind: "newer", revision, manifest, view: there };
      return { kind: "equal", revision, manifest, view: there };
    case "older":
      return { kind: "older", revision, manifest, view: there };
    case "extends":
      return { kind: "newer", revision, manifest, view: there };
    case "unverified":
      return { kind: "unverified", revision, cause: relation.cause };
    case "superseded":
      // What a former key signed gives way to what the owner of the log signed, and never takes its place.
      if (relation.former === "offered") return { kind: "older", revision, manifest: own };
      throw superseded(view, relation.evidence);
    case "forked":
      throw forkError(logId, to.label, relation.evidence);
  }
}

function superseded({ size, head }: TreeView, evidence: ForkEvidence): SupersededError {
  return new SupersededError(
    `The ${size} entries of log ${head.genesis.logId} that were to be mirrored are signed with a former key, and are not part of ` +
      "the log. Nothing was changed.",
    { operation: "mirror.name", evidence },
  );
}

/**
 * Sets a target's name to a head.
 *
 * @param expected - what it was seen to hold
 * @returns whether it still held that
 */
export async function setName(
  to: Remote,
  logId: string,
  head: Uint8Array,
  { expected, signal }: { readonly expected: Revision | null; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    const content = await nameContent(to, head, signal);
    await to.names.update(to.name ?? logId, content, { expected, signal });
    return true;
  } catch (error) {
    if (!hasCode(error, "ERR_NAME_CONFLICT")) throw error;
    return false;
  }
}

// Two manifests that contradict each other are a fork. What nobody proves does not take the place of what is there.
async function newestManifest(
  to: Remote,
  { own, there }: { readonly own: VerifiedManifest | undefined; readonly there: VerifiedHead },
  sources: StorageBackend,
  signal: AbortSignal,
): Promise<VerifiedManifest | undefined> {
  const { genesis, manifest } = there;
  if (own === undefined || manifest === undefined) return own ?? manifest;
  const ours = { manifest: own, genesis, storages: [sources, to.storage] };
  const theirs = { manifest, genesis, storages: [to.storage, sources] };
  const relation = await compareManifests(theirs, ours, signal);
  if (relation.kind === "forked") throw forkError(genesis.logId, to.label, relation.evidence);
  if (relation.kind === "extends" || (relation.kind === "superseded" && relation.former === "verified"))
    return own;
  // An earlier mirroring could not copy the leaf hashes: they are looked for again.
  return relation.kind === "same" && manifest.leaves === undefined ? own : manifest;
}

async function openTarget(
  to: Remote,
  logId: string,
  content: Uint8Array,
  { limits }: TreeView,
  signal: AbortSignal,
): Promise<VerifiedHead> {
  try {
    return await openHead(to, logId, content, limits.headBytes, signal);
  } catch (cause) {
    if (!hasCode(cause, "ERR_MALFORMED", "ERR_INTEGRITY")) throw cause;
    throw new IntegrityError(
      `The log's name on ${to.label} holds something that is not a head of this log. It was left unchanged: remove it there, ` +
        "or mirror to another target.",
      { operation: "mirror.name", cause },
    );
  }
}
