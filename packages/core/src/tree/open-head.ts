// From what a name holds to a verified head; docs/protocol.md, "A name".

import { plainBytes } from "../bytes.ts";
import { TooLargeError } from "../errors/index.ts";
import { isWebPage, webPageCame } from "../errors/web-page.ts";
import { logIdOf } from "../log/genesis.ts";
import { readNameContent, type VerifiedHead, verifyDecodedHead } from "../log/head.ts";
import { getChecked } from "../remote/checked-get.ts";
import type { Remote } from "../remote/remote.ts";
import { decodeRemoteLog, type WireRemoteLog } from "../wire/remote-log-message.ts";

/** Verifies what a name holds: a head, or the address of one. */
export async function openHead(
  remote: Remote,
  logId: string,
  content: Uint8Array,
  headBytes: number,
  signal: AbortSignal | undefined,
): Promise<VerifiedHead> {
  const { bytes, wire } = await fetchHead(remote, content, headBytes, signal);
  return verifyDecodedHead({ bytes, wire }, logId);
}

/** Verifies the head that a name holds, of whatever log it is: the log whose genesis record it shows. */
export async function openAnyHead(
  remote: Remote,
  content: Uint8Array,
  headBytes: number,
  signal: AbortSignal | undefined,
): Promise<VerifiedHead> {
  const { bytes, wire } = await fetchHead(remote, content, headBytes, signal);
  return verifyDecodedHead({ bytes, wire }, logIdOf(wire.genesis));
}

async function fetchHead(
  remote: Remote,
  content: Uint8Array,
  headBytes: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly wire: WireRemoteLog; readonly bytes: Uint8Array }> {
  if (content.length > headBytes) {
    throw new TooLargeError(
      `${remote.label} shows a head of ${content.length} bytes, and at most ${headBytes} are accepted.`,
      { operation: "names.resolve", limit: headBytes },
    );
  }
  if (isWebPage(content)) throw webPageCame("names.resolve", `what ${remote.label} has under the name`);
  // A copy: a resolver that changes its buffer later must not change what was verified.
  const held = readNameContent(plainBytes(content).slice());
  if (held.kind === "head") return held;
  const bytes = await getChecked(remote.storage, held.address, {
    maxBytes: headBytes,
    ...(signal && { signal }),
  });
  return { bytes, wire: decodeRemoteLog(bytes) };
}
