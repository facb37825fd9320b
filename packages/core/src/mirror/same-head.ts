// Whether a copy of a head says what the source's does.

import { bytesEqual } from "../bytes.ts";
import type { HeadLevel } from "../log/head.ts";
import { type HeadManifest, headManifestToWire } from "../log/head-manifest.ts";

/** Whether two levels lead to the same objects. */
export function isSameLevel(a: HeadLevel, b: HeadLevel): boolean {
  const addresses = ({ node, refs }: HeadLevel): string =>
    [node?.address, ...refs.map(({ address }) => address)].join();
  return addresses(a) === addresses(b);
}

/** Whether two manifests say the same. One that the source stores apart is in the head of the copy. */
export function isSameManifest(copied: HeadManifest | undefined, shown: HeadManifest | undefined): boolean {
  if (shown === undefined) return copied === undefined;
  const fields = headManifestToWire(copied);
  const others = headManifestToWire(shown);
  return (
    shown.address === undefined &&
    bytesEqual(fields.bytes, others.bytes) &&
    bytesEqual(fields.checkpoint, others.checkpoint) &&
    bytesEqual(fields.leaves, others.leaves) &&
    fields.objects.length === others.objects.length
  );
}
