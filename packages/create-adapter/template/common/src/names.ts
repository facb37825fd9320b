import { InvalidInputError, NameConflictError, type NameResolver } from "@remote-log/core";
import { Client, LARGEST_CONTENT, type Stored } from "./client.ts";
import { checkSize, checkUsable, failureOf, fromService } from "./errors.ts";
import type { TemplateOptions } from "./options.ts";

/** The key of a name. No two names may share one, so a name that UTF-8 cannot hold is refused. */
function keyOf(name: string, operation: string): string {
  if (/\p{Surrogate}/u.test(name)) {
    throw new InvalidInputError("The name holds half of a surrogate pair: use another one.", { operation });
  }
  return `names/${name}`;
}

/**
 * Names in the service, each under a key of its own.
 *
 * @param options - the service, and the size limit
 */
export function templateNames(options: TemplateOptions = {}): NameResolver {
  const { largestContent = LARGEST_CONTENT } = options;
  const client = new Client(options.service ?? new Map<string, Stored>());
  let closed = false;

  return {
    name: "template",
    capabilities: { compareAndSet: "atomic", readYourWrites: true, largestContent, watch: false },

    async update(name, content, { expected, signal }) {
      checkUsable(closed, "names.update", signal);
      checkSize(content.length, largestContent, "names.update");
      const key = keyOf(name, "names.update");
      const reply = await client.put(key, content, expected, signal);
      const { status, stored } = fromService(reply, "names.update");
      if (status === 412) {
        const message = `The name ${JSON.stringify(name)} does not hold revision ${expected}: resolve it first.`;
        throw new NameConflictError(message, { operation: "names.update" });
      }
      if (stored === undefined) throw failureOf(status, { operation: "names.update", limit: largestContent });
      return stored.revision;
    },

    async resolve(name, { known, maxBytes = largestContent, signal } = {}) {
      checkUsable(closed, "names.resolve", signal);
      const reply = await client.get(keyOf(name, "names.resolve"), signal);
      const { status, stored } = fromService(reply, "names.resolve");
      if (status === 404) return { status: "absent" };
      if (stored === undefined) throw failureOf(status, { operation: "names.resolve", limit: maxBytes });
      if (stored.revision === known) return { status: "unchanged", revision: known };
      checkSize(stored.bytes.length, maxBytes, "names.resolve");
      return { status: "found", content: new Uint8Array(stored.bytes), revision: stored.revision };
    },

    async close() {
      closed = true;
    },
  };
}
