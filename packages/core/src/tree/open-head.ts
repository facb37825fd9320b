// From what a name holds to a verified head; docs/protocol.md, "A name".

import { Address } from "../address/address.ts";
import { plainBytes } from "../bytes.ts";
import { TooLargeError } from "../errors/index.ts";
import { isWebPage, webPageCame } from "../errors/web-page.ts";
import { logIdOf } from "../log/genesis.ts";
import {
  type DecodedHead,
  readNameContent,
  type VerifiedHead,
  verifyDecodedHead,
  withManifest,
} from "../log/head.ts";
import { getChecked } from "../remote/checked-get.ts";
import type { Remote } from "../remote/remote.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { MAX_MANIFEST_BYTES } from "../wire/manifest-message.ts";
import { decodeRemoteLog } from "../wire/remote-log-message.ts";

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
): Promise<DecodedHead> {
  if (content.length > headBytes) {
    throw new TooLargeError(
      `${remote.label} shows a head of ${content.length} bytes, and at most ${headBytes} are accepted.`,
      { operation: "names.resolve", limit: headBytes },
    );
  }
  if (isWebPage(content)) throw webPageCame("names.resolve", `what ${remote.label} has under the name`);
  // A copy: a resolver that changes its buffer later must not change what was verified.
  const held = readNameContent(plainBytes(content).slice());
  if (held.kind === "head") return fetchManifest(remote, held, signal);
  const bytes = await getChecked(remote.storage, held.address, {
    maxBytes: headBytes,
    ...(signal && { signal }),
  });
  return fetchManifest(remote, { bytes, wire: decodeRemoteLog(bytes) }, signal);
}

// The newest manifest that was read of each storage: it changes rarely, and heads change often.
const newest = new WeakMap<StorageBackend, { readonly address: Address; readonly bytes: Uint8Array }>();

// If the manifest is stored apart, it is put behind the head.
async function fetchManifest(
  { storage }: Remote,
  { wire, bytes }: DecodedHead,
  signal: AbortSignal | undefined,
): Promise<DecodedHead> {
  const { manifest } = wire;
  if (manifest === undefined || manifest.address.length === 0 || manifest.bytes.length > 0)
    return { wire, bytes };
  const address = Address.fromBytes(manifest.address);
  const options = { maxBytes: MAX_MANIFEST_BYTES, ...(signal && { signal }) };
  const known = newest.get(storage);
  // A content-addressed object is what it was.
  const apart = known?.address.equals(address) ? known.bytes : await getChecked(storage, address, options);
  newest.set(storage, { address, bytes: apart });
  return { wire: { ...wire, manifest: { ...manifest, bytes: apart } }, bytes: withManifest(bytes, apart) };
}
