// What a failed request without credentials means.

import type { OperationContext } from "@remote-log/core/adapter";
import { accessAdvice, errorOf } from "../errors.ts";
import { ServiceFailure } from "../service/service-failure.ts";

/** Maps a failed request to an error of the project; anything else comes back as it is. */
export function fromPublicFailure(error: unknown, context: OperationContext): unknown {
  if (!(error instanceof ServiceFailure)) return error;
  return errorOf(error, context, { "access-denied": [undefined, accessAdvice("everybody s3:GetObject")] });
}
