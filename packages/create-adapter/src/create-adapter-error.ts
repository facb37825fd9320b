// The errors of the generator.

/**
 * What kind of failure it was.
 *
 * - `"ERR_USAGE"`: the words of the command can't be understood
 * - `"ERR_INVALID_NAME"`: no package can have this name
 * - `"ERR_EXISTS"`: there is something in the place of the new package; nothing was overwritten
 * - `"ERR_NO_WORKSPACE"`: the current folder is not inside this repository
 */
export type CreateAdapterCode = "ERR_USAGE" | "ERR_INVALID_NAME" | "ERR_EXISTS" | "ERR_NO_WORKSPACE";

/** A failure to begin an adapter. Nothing was written. */
export class CreateAdapterError extends Error {
  override readonly name = "CreateAdapterError";
  /** Stable identifier of the kind of failure. */
  readonly code: CreateAdapterCode;

  /** @param message - what failed, on what, why, and what to do */
  constructor(code: CreateAdapterCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
