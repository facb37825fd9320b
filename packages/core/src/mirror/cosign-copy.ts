// A mirror's promise that it keeps a log: its signature below the checkpoint, once everything below that was read back.

import { bytesEqual } from "../bytes.ts";
import type { Checkpoint } from "../checkpoint/index.ts";
import type { Cosigner } from "../cosign/cosigner.ts";
import { InvalidInputError } from "../errors/index.ts";
import { type VerifiedHead, verifyHead } from "../log/head.ts";
import { checkReadable } from "../log/log-limits.ts";
import { CompactRange } from "../merkle/index.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { manifestLeaves } from "../tree/manifest-versions.ts";
import type { ReadGate } from "../tree/read-gate.ts";
import type { ReaderLimits } from "../tree/reader-limits.ts";
import { TreeView } from "../tree/tree-view.ts";
import { encodeUtf8 } from "../utf8.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../wire/remote-log-message.ts";
import { KnownTree } from "./known-tree.ts";
import type { CosignedCopy } from "./mirror-options.ts";
import { readBack } from "./read-back.ts";

/** Where a copy is, and how it is read back. */
export interface CopyToCosign {
  readonly logId: string;
  /** The head of the copy. */
  readonly head: Uint8Array;
  readonly storage: StorageBackend;
  readonly gate: ReadGate;
  readonly limits: ReaderLimits;
  /** A head that was read back there before. */
  readonly readBack: Uint8Array | undefined;
  readonly concurrency: number;
}

/** A copy that was read back, and its head with the mirror's signatures. */
export interface CosignedHead extends CosignedCopy {
  readonly head: Uint8Array;
}

/**
 * Reads a copy back from the target, and signs its checkpoints: that of the entries, and that of the manifest.
 *
 * @throws RollbackError `ERR_ROLLBACK`, IntegrityError `ERR_INTEGRITY` for a state that does not extend all that the cosigner signed
 * before, and what the target answers for what it does not show
 */
export async function cosignCopy(
  copy: CopyToCosign,
  cosigner: Cosigner,
  signal: AbortSignal,
): Promise<CosignedHead> {
  const head = await verifyHead(copy.head.slice(), copy.logId);
  const viewOf = (of: VerifiedHead): TreeView =>
    new TreeView(of, copy.storage, copy.limits, signal, copy.gate);
  const view = viewOf(head);
  const before = copy.readBack && viewOf(await earlierHead(copy.readBack, copy.logId));
  if (before === undefined || !bytesEqual(before.head.bytes, copy.head)) {
    const { concurrency } = copy;
    await readBack(view, { base: new KnownTree(before), concurrency, signal });
  }
  const { manifest } = head;
  const logKey = manifest?.signingKey ?? head.genesis.genesis.signingKey;
  const extendsEntries = async (earlier: Checkpoint): Promise<boolean> =>
    bytesEqual((await view.prefix(earlier.size, signal)).root(), earlier.root);
  const note = await cosigner.cosign({ note: head.note, logKey, extends: extendsEntries });
  if (manifest === undefined) return { head: withNotes(copy.head, note, undefined), note };
  const extendsVersions = async (earlier: Checkpoint): Promise<boolean> => {
    const range = CompactRange.empty();
    const leaves = await manifestLeaves({ manifest, storages: [copy.storage] }, signal);
    for (const leaf of leaves.slice(0, earlier.size)) range.appendLeaf(leaf);
    return bytesEqual(range.root(), earlier.root);
  };
  const manifestNote = await cosigner.cosign({ note: manifest.note, logKey, extends: extendsVersions });
  return { head: withNotes(copy.head, note, manifestNote), note, manifestNote };
}

async function earlierHead(bytes: Uint8Array, logId: string): Promise<VerifiedHead> {
  try {
    return await verifyHead(bytes.slice(), logId);
  } catch (cause) {
    throw new InvalidInputError(
      "`cosign.readBack` is not a head of this log. Leave it out to read all back.",
      {
        operation: "mirror.open",
        cause,
      },
    );
  }
}

/**
 * A head with other notes for the same checkpoints: those with the signature lines of the mirror. Without the second, that of the manifest stays.
 */
function withNotes(head: Uint8Array, note: string, manifestNote: string | undefined): Uint8Array {
  const wire = decodeRemoteLog(head);
  const manifest = wire.manifest && {
    ...wire.manifest,
    ...(manifestNote !== undefined && { checkpoint: encodeUtf8(manifestNote) }),
  };
  const bytes = encodeRemoteLog({ ...wire, checkpoint: encodeUtf8(note), ...(manifest && { manifest }) });
  checkReadable("head", bytes);
  return bytes;
}
