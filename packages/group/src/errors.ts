// What a group refuses because of who asks.

import { RemoteLogError, type RemoteLogErrorOptions } from "@remote-log/core";

/**
 * `ERR_NOT_MEMBER`: this device does not belong to the group any more (reason `"removed"`), or may not do what it was asked
 * (reason `"not-allowed"`).
 */
export class NotMemberError extends RemoteLogError {
  override readonly name = "NotMemberError";
  /** @param options - with the reason */
  constructor(
    message: string,
    options: RemoteLogErrorOptions & { readonly reason: "removed" | "not-allowed" },
  ) {
    super("ERR_NOT_MEMBER", message, options);
  }
}
