// Tells that others may read a file with a secret in it.

import { stat } from "node:fs/promises";
import type { Invocation } from "../terminal/invocation.ts";

/**
 * Warns if others than its owner may read or write a file.
 *
 * @param risk - what they can do then, as a clause
 */
export async function warnIfOpen(
  invocation: Pick<Invocation, "warn">,
  path: string,
  risk: string,
): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  await invocation.warn(
    `rlog: others may read ${path} (mode ${(mode & 0o777).toString(8)}), and ${risk}: chmod 600.`,
  );
}
