// What a name has to hold, once a service that lags has settled.

import type { NameResolver, Revision } from "@remote-log/core";
import { equal, sameBytes } from "../assert.ts";
import type { CaseContext } from "../case.ts";

/**
 * Fails unless a name holds a content, once it has settled.
 *
 * @returns the revision
 */
export async function holds(
  context: Pick<CaseContext, "names" | "settled">,
  name: string,
  content: Uint8Array,
  names: NameResolver = context.names,
): Promise<Revision> {
  return context.settled("names", async () => {
    const resolution = await names.resolve(name);
    equal(resolution.status, "found", `the status of ${JSON.stringify(name).slice(0, 80)}`);
    if (resolution.status !== "found") return "";
    sameBytes(resolution.content, content, "the content of the name");
    return resolution.revision;
  });
}

/** Fails unless a name is absent. */
export async function isAbsent(names: NameResolver, name: string): Promise<void> {
  const { status } = await names.resolve(name);
  equal(status, "absent", `the status of ${JSON.stringify(name).slice(0, 80)}`);
}
