// Contents in a table. The shell of the core does the rest: signals, limits, copies, kinds of address, `close`.

import { Address, addressOf, rawSha256, type StorageBackend } from "@remote-log/core";
import { defineStorage } from "@remote-log/core/adapter";
import { openPool, Service } from "./client.ts";
import { translate } from "./errors.ts";
import { LARGEST_CONTENT, type TemplateOptions } from "./options.ts";
import * as sql from "./statements.ts";

/**
 * Contents in a table, each under its address.
 *
 * @param options - the database, and the size limit
 */
export function templateStorage(options: TemplateOptions = {}): StorageBackend {
  const { service = new Service(), largestContent = LARGEST_CONTENT } = options;
  const pool = openPool(service);

  return defineStorage({
    name: "template",
    place: "the template database",
    capabilities: { largestContent, hashTypes: [rawSha256], readYourWrites: true },
    translate,
    close: () => pool.end(),

    async put(content) {
      const address = await addressOf(content, rawSha256);
      await pool.query(sql.putContent, [`${address}`, content]);
      return address;
    },

    async get(address) {
      const [row] = await pool.query(sql.getContent, [`${address}`]);
      return row?.["bytes"] as Uint8Array | undefined;
    },

    has: async (address) => (await pool.query(sql.hasContent, [`${address}`])).length > 0,

    async delete(address) {
      await pool.query(sql.deleteContent, [`${address}`]);
    },

    // Behind the last one of the page before, so that what is removed meanwhile moves nothing out of sight.
    async *list() {
      for (let after = ""; ; ) {
        const rows = await pool.query(sql.listContents, [after]);
        for (const { address } of rows) yield Address.fromString(String(address));
        if (rows.length === 0) return;
        after = String(rows.at(-1)?.["address"]);
      }
    },
  });
}
