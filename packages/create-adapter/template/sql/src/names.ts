// Names in a table. The shell of the core does the rest.

import type { NameResolver } from "@remote-log/core";
import { defineNames, hashedName } from "@remote-log/core/adapter";
import { openPool, Service } from "./client.ts";
import { translate } from "./errors.ts";
import { LARGEST_CONTENT, type TemplateOptions } from "./options.ts";
import * as sql from "./statements.ts";

/**
 * Names in a table, each in a row of its own.
 *
 * @param options - the database, and the size limit
 */
export function templateNames(options: TemplateOptions = {}): NameResolver {
  const { service = new Service(), largestContent = LARGEST_CONTENT } = options;
  const pool = openPool(service);

  return defineNames({
    name: "template",
    place: "the template database",
    capabilities: { compareAndSet: "atomic", readYourWrites: true, largestContent },
    translate,
    close: () => pool.end(),

    // Hashed, since a text of the database holds no NUL, and a collation may take two names for one.
    async update(name, content, expected) {
      const key = hashedName(name);
      if (expected !== null && !isRevision(expected)) return undefined;
      const [row] =
        expected === null
          ? await pool.query(sql.createName, [key, content])
          : await pool.query(sql.updateName, [key, content, expected]);
      return row && String(row["revision"]);
    },

    async resolve(name, { known }) {
      const held = known !== undefined && isRevision(known) ? known : null;
      const [row] = await pool.query(sql.resolveName, [hashedName(name), held]);
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
