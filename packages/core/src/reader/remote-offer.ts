// What one remote shows under the log's name.

import type { VerifiedHead } from "../log/head.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { Remote } from "../remote/remote.ts";
import { openHead } from "../tree/open-head.ts";

/** What a remote shows under the log's name. */
export type RemoteOffer =
  | { readonly status: "found"; readonly head: VerifiedHead; readonly revision: Revision }
  | { readonly status: "unchanged" }
  | { readonly status: "absent" };

/** Options of {@link resolveRemote}. */
export interface ResolveRemoteOptions {
  /** Largest head accepted, in bytes. */
  readonly headBytes: number;
  /** A revision that the caller has already. */
  readonly known?: Revision | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves the log's name on a remote and verifies the head that it finds. If the name system could not hold
 * the head, its content is an address, and the head comes from the CAS: one step, never more.
 *
 * @throws MalformedError `ERR_MALFORMED`, IntegrityError `ERR_INTEGRITY` if it holds anything else
 */
export async function resolveRemote(
  remote: Remote,
  logId: string,
  { headBytes, known, signal }: ResolveRemoteOptions,
): Promise<RemoteOffer> {
  const resolution = await remote.names.resolve(remote.name ?? logId, {
    maxBytes: headBytes,
    ...(known !== undefined && { known }),
    ...(signal && { signal }),
  });
  if (resolution.status !== "found") return { status: resolution.status };
  const { content, revision } = resolution;
  return { status: "found", revision, head: await openHead(remote, logId, content, headBytes, signal) };
}
