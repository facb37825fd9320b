// A head under our name that we did not put there last: is it of our own history, and if not, what does it tell?

import { throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import {
  ConflictError,
  hasCode,
  IntegrityError,
  isRemoteLogError,
  type MalformedError,
  RemoteChangedError,
  type RemoteLogError,
  RestoredError,
} from "../errors/index.ts";
import { generationOf, type VerifiedHead } from "../log/head.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { Remote } from "../remote/remote.ts";
import { openHead } from "../tree/open-head.ts";
import { defaultLimits } from "../tree/reader-limits.ts";
import { TreeView } from "../tree/tree-view.ts";
import type { ManifestKeeper } from "./manifest-keeper.ts";
import { oldSeed } from "./signing-by.ts";

/** What this writer knows of its own history. */
export interface OwnHistory {
  /** The log id. */
  readonly logId: string;
  /** Number of durable entries. */
  readonly size: number;
  /** The largest checkpoint that was ever signed; `undefined` before the first. */
  readonly signed: { readonly size: number; readonly root: Uint8Array } | undefined;
  /** The tree of the first `size` durable entries. */
  prefix(size: number): Promise<CompactRange>;
  /** The versions of the manifest. */
  readonly manifests: Pick<ManifestKeeper, "isOwn" | "signed" | "signing" | "version">;
  /** The newest generation of keys that the seed of this device leads to. */
  readonly newestKey: number;
}

/** What a head under our name is. */
export type Judgement =
  /** A state of our own history: continuing from it loses nothing. */
  | { readonly kind: "own"; readonly head: VerifiedHead }
  /** A head with our signature that the journal does not know; `extendsSigned` if it may extend what we signed. */
  | { readonly kind: "foreign"; readonly head: VerifiedHead; readonly extendsSigned: boolean }
  /** A head that a former key signed, and that is not part of the log: whoever still has that key put it there. */
  | { readonly kind: "superseded"; readonly head: VerifiedHead }
  /** No head of this log. */
  | { readonly kind: "no-head"; readonly cause: MalformedError | IntegrityError };

/**
 * Judges a head that is under our name and that we did not put there last.
 *
 * @param firstLook - whether this process has not seen the name before. Only then it matters whether the head extends what we
 * signed: the journal is old. Later, somebody writes beside us; then `extendsSigned` is not looked up, and `false`.
 */
export async function judgeHead(
  remote: Remote,
  content: Uint8Array,
  own: OwnHistory,
  firstLook: boolean,
  signal: AbortSignal,
): Promise<Judgement> {
  let head: VerifiedHead;
  try {
    head = await openHead(remote, own.logId, content, defaultLimits.headBytes, signal);
  } catch (cause) {
    if (!hasCode(cause, "ERR_MALFORMED", "ERR_INTEGRITY")) throw cause;
    return { kind: "no-head", cause };
  }
  const { size, root } = head.checkpoint;
  const isOwnManifest = head.manifest === undefined || own.manifests.isOwn(head.manifest.checkpoint);
  const isOwnTree = size <= own.size && bytesEqual((await own.prefix(size)).root(), root);
  if (isOwnTree && isOwnManifest) return { kind: "own", head };
  const here = own.manifests.signing.successions;
  const there = head.manifest?.successions ?? [];
  if (there.length < here.length && there.every(({ note }, i) => note === here[i]!.note))
    return { kind: "superseded", head };
  if (there.length > here.length) return { kind: "foreign", head, extendsSigned: true };
  const mayExtendTree = firstLook && (isOwnTree || (await mayExtend(remote, head, own.signed, signal)));
  return {
    kind: "foreign",
    head,
    extendsSigned: mayExtendTree && (isOwnManifest || mayExtendManifest(head, own)),
  };
}

// If the storage does not show whether the head extends what was signed here, it may: the head alone forbids signing, and
// recover() tells a fork from a restored journal.
async function mayExtend(
  remote: Remote,
  head: VerifiedHead,
  signed: OwnHistory["signed"],
  signal: AbortSignal,
): Promise<boolean> {
  if (signed === undefined) return true;
  if (head.checkpoint.size <= signed.size) return false;
  const view = new TreeView(head, remote.storage, defaultLimits, signal);
  try {
    return bytesEqual((await view.prefix(signed.size, signal)).root(), signed.root);
  } catch (error) {
    throwIfAborted(signal);
    if (!isRemoteLogError(error)) throw error;
    return true;
  }
}

// Whether the head's manifest goes beyond all that was signed here: recover() tells a fork from a restored journal.
function mayExtendManifest({ manifest }: VerifiedHead, { manifests }: OwnHistory): boolean {
  return manifest !== undefined && manifest.checkpoint.size > (manifests.signed?.size ?? 0);
}

/** The error for a journal that is older than what a remote shows. */
export function restored(
  remote: Remote,
  head: VerifiedHead,
  { logId, size, signed, manifests, newestKey }: OwnHistory,
): RemoteLogError {
  if (generationOf(head) > newestKey) return oldSeed(logId, "writer.publish");
  const published = head.checkpoint.size;
  const version = head.manifest?.manifest.version ?? 0;
  const more =
    version > manifests.version
      ? `, and version ${version} of its manifest, of ${manifests.version} here`
      : "";
  return new RestoredError(
    `${remote.label} has ${published} entries of this log, signed with its key, that go beyond what this journal knows ` +
      `(it has ${size} entries, ${signed?.size ?? 0} of them signed${more}). The journal was restored from a backup, or copied. ` +
      "Nothing was signed. Make sure that no other device writes this log, then call recover().",
    { operation: "writer.publish", local: size, published },
  );
}

/** The error for a second device: one that signs with a key that the seed of this device does not lead to, above all. */
export function conflict(
  remote: Remote,
  head: VerifiedHead,
  { logId, newestKey }: Pick<OwnHistory, "logId" | "newestKey">,
): RemoteLogError {
  if (generationOf(head) > newestKey) return oldSeed(logId, "writer.publish");
  return new ConflictError(
    `${remote.label} holds ${head.checkpoint.size} entries signed with this log's key that this journal does not know: ` +
      "another device writes under the same key. Nothing was overwritten. Stop one of the two; a log has one writer.",
    { operation: "writer.publish", foreign: head.bytes },
  );
}

/** The error for a place that was published to and is not there. */
export function gone(remote: Remote): RemoteChangedError {
  return new RemoteChangedError(
    `${remote.label} is not there any more, or it is empty: this log was published there before. Nothing was sent, and nothing ` +
      "was made anew. If it is a drive, mount it; if its place has changed, say so where the remote is configured. To fill it " +
      "anew with the whole log, call repair().",
    // What was unplugged may be plugged in again.
    { operation: "writer.publish", reason: "gone", retry: "safe" },
  );
}

/** The error for a storage that does not keep what it acknowledges. */
export function notKept(remote: Remote, cause: unknown): RemoteChangedError {
  return new RemoteChangedError(
    `${remote.label} acknowledged parts of this log and does not show them, although what was missing was sent a second time. ` +
      "No reader can rely on it. Look at the cause, and at what else deletes or changes things there; then call repair(), or " +
      "use another remote. The entries are safe in the journal.",
    { operation: "writer.publish", reason: "not-kept", cause },
  );
}

/** The error for a name that holds something else. */
export function noHead(remote: Remote, cause: RemoteLogError): IntegrityError {
  return new IntegrityError(
    `The name of this log on ${remote.label} holds something that is not a head of it, and that this writer did not put there. ` +
      "Nothing was overwritten. If nothing else needs it, call recover(): it replaces it.",
    { operation: "writer.publish", cause },
  );
}
