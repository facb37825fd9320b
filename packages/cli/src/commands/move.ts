// `rlog move`: takes a log from one remote to another, so that readers follow.

import { codeOf, usageError } from "../errors/command-error.ts";
import { givenRemote } from "../remotes/given-remote.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { printable } from "../terminal/terminal-text.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { publishAll } from "../writing/publish-all.ts";
import { tellRemotes } from "../writing/tell-remotes.ts";
import { type WriterCommandOptions, withWriter } from "../writing/with-writer.ts";
import { readConfig } from "../writing/writer-config.ts";
import { addRemote, removeRemote } from "./remote.ts";

/**
 * Publishes everything to the new remote, and tells readers at both; then the old one is no remote of the log any more. What is
 * stored there stays, so that readers who come later still learn where the log is. If it is cut, the same command continues.
 */
export async function move(
  invocation: Invocation,
  from: string,
  to: string,
  options: WriterCommandOptions,
): Promise<void> {
  const { dir } = options;
  const { remotes } = await readConfig(dir);
  const old = remotes.find(({ label }) => label === from);
  if (old === undefined) {
    const labels = remotes.map(({ label }) => label).join(", ") || "none";
    throw usageError(`The log has no remote called ${printable(from)}. It has: ${labels}.`);
  }
  const place = givenRemote(to);
  if (place.uri === old.uri) throw usageError(`The log is at ${from} already.`);
  if (!remotes.some(({ uri }) => uri === place.uri)) await addRemote(invocation, to, options);
  try {
    await withWriter(invocation, options, async (writer, { config, counts }) => {
      const others = config.remotes.filter(({ label }) => label !== from);
      await tellRemotes(
        dir,
        writer,
        { ...config, remotes: others },
        {
          seeds: FolderSeeds.of(invocation, options),
          always: true,
        },
      );
      await publishAll(invocation, writer, { dir, counts });
    });
  } catch (error) {
    if (codeOf(error) !== "ERR_USAGE") {
      await invocation.note(
        `The log is still at ${printable(from)}, too. Once both can be reached, run the same command again. If ${printable(from)} is ` +
          "gone for good, run rlog remote remove, then rlog publish: who knows only that one needs a new link.",
      );
    }
    throw error;
  }
  await removeRemote(invocation, from, options);
}
