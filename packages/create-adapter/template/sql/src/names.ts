// Names in a table. The shell of the core does the rest.

import type { NameResolver } from "@remote-log/core";
import { type Call, defineNames, hashedName } from "@remote-log/core/adapter";
import type { Row } from "./client.ts";
import { openDatabase } from "./database.ts";
import { translate } from "./errors.ts";
import { LARGEST_CONTENT, type TemplateOptions } from "./options.ts";
import * as sql from "./statements.ts";

/**
 * Names in a table, each in a row of its own.
 *
 * @param options - the database, and the size limit
 */
export function templateNames(options: TemplateOptions = {}): NameResolver {
  const { database = openDatabase(), largestContent = LARGEST_CONTENT } = options;
  const query = async (text: string, values: readonly unknown[], { signal }: Call): Promise<readonly Row[]> =>
    (await database.use(signal)).query(text, values, signal);

  return defineNames({
    name: "template",
    place: "the template database",
    capabilities: { compareAndSet: "atomic", readYourWrites: true, largestContent },
    translate,
    close: database.hold(),

    // Hashed, since a text of the database holds no NUL, and a collation may take two names for one.
    async update(name, content, expected, call) {
      const key = hashedName(name);
      if (expected !== null && !isRevision(expected)) return undefined;
      const [row] =
        expected === null
          ? await query(sql.createName, [key, content], call)
          : await query(sql.updateName, [key, content, expected], call);
      return row && String(row["revision"]);
    },

    async resolve(name, { known }, call) {
      const held = known !== undefined && isRevision(known) ? known : null;
      const [row] = await query(sql.resolveName, [hashedName(name), held], call);
      if (row === undefined) return { status: "absent" };
      const revision = String(row["revision"]);
      if (revision === known) return { status: "unchanged", revision };
      return { status: "found", content: row["content"] as Uint8Array, revision };
    },
  });
}

/** Whether a text can be a revision of this table. The database would refuse any other as an error. */
function isRevision(text: string): boolean {
  return /^\d{1,18}$/.test(text);
}
