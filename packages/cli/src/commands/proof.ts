// `rlog proof`: writes proofs that others check offline.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  checkpointOrigin,
  formatConsistencyProof,
  formatInclusionProof,
  verifierKeyText,
} from "@remote-log/core";
import { makeFolder } from "../files/make-folder.ts";
import { logArgument } from "../reading/log-argument.ts";
import { type ReaderCommandOptions, withReader } from "../reading/with-reader.ts";
import type { Invocation } from "../terminal/invocation.ts";

/** Options of `rlog proof`. */
export interface ProofOptions extends ReaderCommandOptions {
  readonly entry: number;
  readonly since?: number;
  readonly out: string;
}

/** Writes files that prove, to anyone and offline, that an entry is in a log. */
export async function proof(invocation: Invocation, log: string, options: ProofOptions): Promise<void> {
  const place = await logArgument(invocation, log, options);
  await withReader(invocation, place, options, async ({ reader }) => {
    const { signal } = invocation;
    const { entry, since, out } = options;
    // Once, so that all proofs hold for the same checkpoint.
    await reader.sync({ signal });
    const key = reader.signingKey!;
    const inclusion = await reader.inclusionProof(entry, { signal });
    const files = new Map<string, string | Uint8Array>([
      ["checkpoint", inclusion.checkpoint],
      ["key.vkey", `${verifierKeyText(checkpointOrigin(place.logId), key)}\n`],
      [
        `entry-${entry}.tlog-proof`,
        formatInclusionProof({ index: entry, path: inclusion.path, checkpointNote: inclusion.checkpoint }),
      ],
      [`entry-${entry}.leaf`, inclusion.leaf],
    ]);
    if (since !== undefined) {
      const { first, second, path } = await reader.consistencyProof(since, { signal });
      files.set(`${first}-${second}.consistency`, formatConsistencyProof({ first, second, path }));
    }
    await makeFolder(out);
    for (const [name, content] of files) {
      await writeFile(join(out, name), content);
      await invocation.out.write(`${join(out, name)}\n`);
    }
  });
}
