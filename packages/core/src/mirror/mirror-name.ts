// The target's name: what it holds, and setting it.

import { bytesEqual } from "../bytes.ts";
import { hasCode, IntegrityError, UnreachableError } from "../errors/index.ts";
import type { VerifiedHead } from "../log/head.ts";
import { nameContent } from "../remote/name-content.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { Remote } from "../remote/remote.ts";
import { compareHeads } from "../tree/compare-heads.ts";
import { forkError } from "../tree/fork-evidence.ts";
import { openHead } from "../tree/open-head.ts";
import { TreeView } from "../tree/tree-view.ts";

/** How often an update of the name is tried if others keep setting it. */
const TRIES = 5;

/** What a target's name holds, compared with the state that was mirrored. */
type Standing =
  | { readonly kind: "older"; readonly revision: Revision | null }
  | { readonly kind: "equal"; readonly revision: Revision; readonly same: boolean }
  | { readonly kind: "newer" };

/**
 * Looks at what a target's name holds, and verifies it.
 *
 * @param view - the state that is mirrored
 * @throws IntegrityError `ERR_INTEGRITY` if it holds something that is not a head of this log
 * @throws ForkError `ERR_FORK` if it holds a head that contradicts the mirrored one
 */
export async function lookAtName(to: Remote, view: TreeView, signal: AbortSignal): Promise<Standing> {
  const { logId } = view.head.genesis;
  const { names } = to;
  const found = await names.resolve(to.name ?? logId, {
    signal,
    maxBytes: Math.min(names.capabilities.largestContent, view.limits.headBytes),
  });
  if (found.status === "absent") return { kind: "older", revision: null };
  if (found.status === "unchanged") {
    throw new UnreachableError(
      `${to.label} answered "unchanged" to a request without a known revision. Try again.`,
      { operation: "mirror.name" },
    );
  }
  const { revision } = found;
  const head = await openTarget(to, logId, found.content, view, signal);
  const there = new TreeView(head, to.storage, view.limits, signal);
  const relation = await compareHeads(view, there, signal);
  switch (relation.kind) {
    case "same":
      return { kind: "equal", revision, same: bytesEqual(head.bytes, view.head.bytes) };
    case "older":
      return { kind: "older", revision };
    case "extends":
      return { kind: "newer" };
    case "forked":
      throw forkError(logId, to.label, relation.evidence);
  }
}

/**
 * Sets a target's name to a head, unless it holds this state or a newer one.
 *
 * @param replaceEqual - whether a head of the same state that differs in its addresses is replaced by ours, because all
 * that ours leads to was just copied
 */
export async function setName(
  to: Remote,
  view: TreeView,
  { replaceEqual, signal }: { readonly replaceEqual: boolean; readonly signal: AbortSignal },
): Promise<"updated" | "current" | "newer"> {
  let failure: unknown;
  for (let tries = 0; tries < TRIES; tries++) {
    const standing = await lookAtName(to, view, signal);
    if (standing.kind === "newer") return "newer";
    if (standing.kind === "equal" && (standing.same || !replaceEqual)) return "current";
    try {
      const content = await nameContent(to, view.head.bytes, signal);
      const name = to.name ?? view.head.genesis.logId;
      await to.names.update(name, content, { expected: standing.revision, signal });
      return "updated";
    } catch (error) {
      if (!hasCode(error, "ERR_NAME_CONFLICT")) throw error;
      failure = error;
    }
  }
  throw new UnreachableError(
    `The name on ${to.label} was changed by others in each of ${TRIES} attempts to set it. Everything is copied; try again.`,
    { operation: "mirror.name", cause: failure },
  );
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
