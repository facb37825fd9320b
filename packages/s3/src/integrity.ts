// Contents that were read, held against their address.

import { type Address, checkContent, IntegrityError, rawSha256 } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";

/**
 * Checks what was read against the address under which it was asked for.
 *
 * @throws IntegrityError `ERR_INTEGRITY`
 * @throws UnreachableError `ERR_UNREACHABLE` if it is a web page
 */
export async function checkIntegrity(
  content: Uint8Array,
  address: Address,
  { operation, action }: OperationContext,
): Promise<void> {
  try {
    await checkContent(content, address, [rawSha256]);
  } catch (cause) {
    // A page of the network says nothing of the content.
    if (!(cause instanceof IntegrityError)) throw cause;
    throw new IntegrityError(
      `While ${action}, ${content.length} bytes came that do not match it: corrupt or forged. None of them was used. ` +
        "Store the content again to mend it.",
      { operation, cause },
    );
  }
}
