// The head of a copy: that of the source, or one with what the copy has at other addresses, and more of.

import type { Address } from "../address/address.ts";
import { bytesEqual } from "../bytes.ts";
import { IntegrityError } from "../errors/index.ts";
import { encodeHead, type Head, type HeadLevel, rootOf } from "../log/head.ts";
import { LARGEST_PAGE } from "../log/log-limits.ts";
import { readManifest } from "../log/manifest.ts";
import { pairLeafHash } from "../log/pair.ts";
import { withSnapshotContent } from "../log/snapshot-content.ts";
import { isSameForm, type PageCopier } from "./page-copier.ts";
import { isSameLevel, isSameManifest } from "./same-head.ts";
import type { TreeCopy } from "./tree-copy.ts";

/** The head above what was copied. */
export async function copiedHead(
  copy: TreeCopy,
  pages: Pick<PageCopier, "newest" | "encode">,
  levels: readonly HeadLevel[],
): Promise<Uint8Array> {
  const { head } = copy.views[0]!;
  const pairs = await pages.newest();
  if (copy.unchanged) return head.bytes;
  const root = rootOf(levels, head.shape, pairs.map(pairLeafHash));
  if (!bytesEqual(root, head.checkpoint.root)) throw notOneTree();
  const sameLevels = levels.every((level, i) => isSameLevel(level, head.levels[i]!));
  const { manifest, target, largestInName = LARGEST_PAGE } = copy;
  const sameManifest = isSameManifest(manifest, head.manifest);
  if (sameManifest && sameLevels && pairs.every((pair, i) => isSameForm(pair, head.pairs[i]!)))
    return head.bytes;
  const { genesis, note, checkpoint } = head;
  const made: Omit<Head, "pairs"> = { genesis, note, checkpoint, levels, ...(manifest && { manifest }) };
  const bytes = await pages.encode(pairs, (fitting) => encodeHead({ ...made, pairs: fitting }));
  const snapshot = manifest && snapshotContent(copy, manifest.bytes);
  if (snapshot === undefined) return bytes;
  return withSnapshotContent(bytes, snapshot, { name: largestInName, object: target.largestPage });
}

// Contents have the same addresses in the target. A snapshot that a newer manifest does not name any more may be removed.
function snapshotContent({ views, held }: TreeCopy, manifest: Uint8Array): Address | undefined {
  const { snapshot } = readManifest(manifest);
  const heads = [...views, ...held].map(({ head }) => head);
  const same = heads.filter((head) => head.manifest?.manifest.snapshot === snapshot);
  return same.find((head) => head.snapshotContent !== undefined)?.snapshotContent;
}

/** What is shown does not fit together. */
export function notOneTree(): IntegrityError {
  return new IntegrityError(
    "What the target and the sources show is not one tree: one of them shows something false. The target's name was not changed.",
    { operation: "mirror.copy" },
  );
}
