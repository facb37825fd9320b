// The service as a remote. The shell of the core does the rest: keys, signals, limits, copies, conflicts, reconnecting.

import { defineKeyValue, type KeyValueRemote } from "@remote-log/core/adapter";
import { Client, LARGEST_VALUE, Service } from "./client.ts";
import { meaningOf } from "./errors.ts";
import type { TemplateRemoteOptions } from "./options.ts";

/** A remote that keeps contents and names in one service. */
export function templateRemote(options: TemplateRemoteOptions = {}): KeyValueRemote {
  const { label = "template", service = new Service(), largestContent = LARGEST_VALUE } = options;
  return defineKeyValue(
    {
      name: "template",
      place: "the template service",
      largestValue: largestContent,
      can: { delete: true, list: true, watch: true },
      means: meaningOf,
      async open(signal) {
        const client = await Client.connect(service, { signal });
        return {
          async get(key) {
            const { value, version } = await client.get(key);
            return { value, revision: String(version) };
          },
          async put(key, value) {
            await client.set(key, value);
          },
          putIf: async (key, value, expected) => String(await client.set(key, value, versionOf(expected))),
          delete: (key) => client.remove(key),
          list: (prefix) => client.keys(prefix),
          watch: (key, { changed }) => client.watch(key, changed),
          close: () => client.close(),
        };
      },
    },
    label,
  );
}

/** Version 0 is a key that must not be there: a revision that this service never gave must not become it. */
function versionOf(expected: string | null): number {
  return expected === null ? 0 : Number(expected) || -1;
}
