// `rlog publish`: publishes everything that was appended, to every remote.

import { usageError } from "../errors/command-error.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { publishAll } from "../writing/publish-all.ts";
import { type WriterCommandOptions, withWriter } from "../writing/with-writer.ts";

/** Publishes everything that was appended. */
export async function publish(invocation: Invocation, options: WriterCommandOptions): Promise<void> {
  const { dir } = options;
  await withWriter(invocation, options, async (writer, { remotes }) => {
    if (remotes.length === 0)
      throw usageError(`There is no remote to publish to: add one to ${dir}/config.json first.`);
    await publishAll(invocation, writer, dir);
  });
}
