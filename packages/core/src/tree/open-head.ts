// From what a name holds to a verified head; docs/protocol.md, "A name".

import { plainBytes } from "../bytes.ts";
import { TooLargeError } from "../errors/index.ts";
import { readNameContent, type VerifiedHead, verifyDecodedHead, verifyHead } from "../log/head.ts";
import { getChecked } from "../remote/checked-get.ts";
import type { Remote } from "../remote/remote.ts";

/** Verifies what a name holds: a head, or the address of one. */
export async function openHead(
  remote: Remote,
  logId: string,
  content: Uint8Array,
  headBytes: number,
  signal: AbortSignal | undefined,
): Promise<VerifiedHead> {
  if (content.length > headBytes) {
    throw new TooLargeError(
      `${remote.label} shows a head of ${content.length} bytes, and at most ${headBytes} are accepted.`,
      { operation: "names.resolve", limit: headBytes },
    );
  }
  const held = readNameContent(plainBytes(content));
  if (held.kind === "head") return verifyDecodedHead(held, logId);
  const bytes = await getChecked(remote.storage, held.address, {
    maxBytes: headBytes,
    ...(signal && { signal }),
  });
  return verifyHead(bytes, logId);
}
