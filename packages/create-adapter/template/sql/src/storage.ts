// Contents in a table. The shell of the core does the rest: signals, limits, copies, kinds of address, `close`.

import { Address, addressOf, rawSha256, type StorageBackend } from "@remote-log/core";
import { type Call, defineStorage } from "@remote-log/core/adapter";
import type { Row } from "./client.ts";
import { openDatabase } from "./database.ts";
import { translate } from "./errors.ts";
import { LARGEST_CONTENT, type TemplateOptions } from "./options.ts";
import * as sql from "./statements.ts";

/**
 * Contents in a table, each under its address.
 *
 * @param options - the database, and the size limit
 */
export function templateStorage(options: TemplateOptions = {}): StorageBackend {
  const { database = openDatabase(), largestContent = LARGEST_CONTENT } = options;
  const query = async (text: string, values: readonly unknown[], { signal }: Call): Promise<readonly Row[]> =>
    (await database.use(signal)).query(text, values, signal);

  return defineStorage({
    name: "template",
    place: "the template database",
    capabilities: { largestContent, hashTypes: [rawSha256], readYourWrites: true },
    translate,
    close: database.hold(),

    async put(content, call) {
      const address = await addressOf(content, rawSha256);
      await query(sql.putContent, [`${address}`, content], call);
      return address;
    },

    async get(address, _limit, call) {
      const [row] = await query(sql.getContent, [`${address}`], call);
      return row?.["bytes"] as Uint8Array | undefined;
    },

    has: async (address, call) => (await query(sql.hasContent, [`${address}`], call)).length > 0,

    async delete(address, call) {
      await query(sql.deleteContent, [`${address}`], call);
    },

    // Behind the last one of the page before, so that what is removed meanwhile moves nothing out of sight.
    async *list(call) {
      for (let after = ""; ; ) {
        const rows = await query(sql.listContents, [after], call);
        for (const { address } of rows) yield Address.fromString(String(address));
        if (rows.length === 0) return;
        after = String(rows.at(-1)?.["address"]);
      }
    },
  });
}
