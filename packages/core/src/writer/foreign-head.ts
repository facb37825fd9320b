import { bytesEqual } from "../bytes.ts";
import {
  ConflictError,
  IntegrityError,
  isRemoteLogError,
  MalformedError,
  RestoredError,
} from "../errors/index.ts";
import type { VerifiedHead } from "../log/head.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { Remote } from "../remote/remote.ts";
import { openHead } from "../tree/open-head.ts";
import { defaultLimits } from "../tree/reader-limits.ts";
import { TreeView } from "../tree/tree-view.ts";

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
}

/**
 * Judges a head that is under our name and that we did not put there last. It returns where that head is an
 * older state of our own history: going on from it loses nothing.
 *
 * @param firstLook - whether this process has not seen the name before: then a head that extends what we
 * signed means that our journal is old, and not that somebody writes beside us now
 * @throws RestoredError `ERR_RESTORED`, ConflictError `ERR_CONFLICT`
 * @throws IntegrityError `ERR_INTEGRITY` where it is not a head of this log at all
 */
export async function judgeForeignHead(
  remote: Remote,
  content: Uint8Array,
  own: OwnHistory,
  firstLook: boolean,
  signal: AbortSignal,
): Promise<VerifiedHead> {
  const head = await openForeign(remote, content, own.logId, signal);
  const { size, root } = head.checkpoint;
  if (size <= own.size && bytesEqual((await own.prefix(size)).root(), root)) return head;
  const { signed } = own;
  if (firstLook && (await mayExtend(remote, head, signed, signal))) {
    throw new RestoredError(
      `${remote.label} has ${size} entries of this log, signed with its key, that go beyond what this journal knows ` +
        `(it has ${own.size} entries, ${signed?.size ?? 0} of them signed). The journal was restored from a backup, or copied. ` +
        "Nothing was signed. Make sure that no other device writes this log, then call recover().",
      { operation: "writer.publish", local: own.size, published: size },
    );
  }
  throw new ConflictError(
    `${remote.label} holds ${size} entries signed with this log's key that this journal does not know: ` +
      "another device writes under the same key. Nothing was overwritten. Stop one of the two; a log has one writer.",
    { operation: "writer.publish", foreign: head.bytes },
  );
}

// Where the storage does not show whether the head extends what was signed here, it may: the head alone forbids to
// sign, and recover() tells a fork from a restored journal.
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
    signal.throwIfAborted();
    if (!isRemoteLogError(error)) throw error;
    return true;
  }
}

async function openForeign(
  remote: Remote,
  content: Uint8Array,
  logId: string,
  signal: AbortSignal,
): Promise<VerifiedHead> {
  try {
    return await openHead(remote, logId, content, defaultLimits.headBytes, signal);
  } catch (cause) {
    if (!(cause instanceof MalformedError || cause instanceof IntegrityError)) throw cause;
    throw new IntegrityError(
      `The name of this log on ${remote.label} holds something that is no head of it, and that this writer did not put there. ` +
        "Nothing was overwritten. recover() replaces it, if nothing else needs it.",
      { operation: "writer.publish", cause },
    );
  }
}
