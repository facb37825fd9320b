// Names in the service. The shell of the core does the rest.

import type { NameResolver } from "@remote-log/core";
import { defineNames, hashedName } from "@remote-log/core/adapter";
import { Client, LARGEST_CONTENT, Service } from "./client.ts";
import { answerOf, translate } from "./errors.ts";
import type { TemplateOptions } from "./options.ts";

/**
 * Names in the service, each under a key of its own.
 *
 * @param options - the service, and the size limit
 */
export function templateNames(options: TemplateOptions = {}): NameResolver {
  const { service = new Service(), largestContent = LARGEST_CONTENT } = options;
  const client = new Client(service);
  // Hashed, a name of any length and any characters makes a short key: no two of them become one.
  const keyOf = (name: string): string => `names/${hashedName(name)}`;

  return defineNames({
    name: "template",
    place: "the template service",
    capabilities: { compareAndSet: "atomic", readYourWrites: true, largestContent },
    translate,

    // Nothing, if the service says that the name does not hold what was expected.
    async update(name, content, expected, { signal }) {
      const { status, stored } = answerOf(await client.put(keyOf(name), content, expected, signal), 200, 412);
      return status === 412 ? undefined : stored?.revision;
    },

    async resolve(name, _request, { signal }) {
      const { stored } = answerOf(await client.get(keyOf(name), signal), 200, 404);
      if (stored === undefined) return { status: "absent" };
      return { status: "found", content: stored.bytes, revision: stored.revision };
    },
  });
}
