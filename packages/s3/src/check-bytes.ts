import { type Address, checkContent, IntegrityError, rawSha256 } from "@remote-log/core";
import type { FaultContext } from "./errors.ts";

/**
 * Checks what was read against the address under which it was asked for.
 *
 * @throws IntegrityError `ERR_INTEGRITY`
 */
export async function checkBytes(
  content: Uint8Array,
  address: Address,
  { operation, action }: FaultContext,
): Promise<void> {
  try {
    await checkContent(content, address, [rawSha256]);
  } catch (cause) {
    throw new IntegrityError(
      `While ${action}, ${content.length} bytes came that do not match it: corrupt or forged. Nothing of them was ` +
        "used. Store the content again to mend it.",
      { operation, cause },
    );
  }
}
