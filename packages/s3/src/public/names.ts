import {
  type NameCapabilities,
  type NameResolver,
  type Resolution,
  type ResolveOptions,
  type Revision,
  rawSha256,
  type UpdateOptions,
} from "@remote-log/core";
import type { FaultContext } from "../errors.ts";
import { isRevision, revisionOf } from "../etag.ts";
import { hexOf, nameAction, nameKey } from "../layout.ts";
import { Lifetime } from "../lifetime.ts";
import { readOnly } from "./errors.ts";
import type { CheckedPublicOptions } from "./options.ts";
import { getObject } from "./request.ts";

/** What a revision begins with that is not an ETag, but the hash of the content. */
const HASHED = "sha256:";

/** The names of a bucket that everybody may read. */
export class PublicNames implements NameResolver {
  readonly name = "public s3";
  readonly capabilities: NameCapabilities;
  readonly #options: CheckedPublicOptions;
  readonly #lifetime = new Lifetime("name resolver");

  constructor(options: CheckedPublicOptions) {
    this.#options = options;
    this.capabilities = Object.freeze({
      compareAndSet: "none",
      readYourWrites: options.readYourWrites,
      largestContent: options.largestName,
      watch: false,
    });
  }

  async update(name: string, _content: Uint8Array, { signal }: UpdateOptions): Promise<Revision> {
    const context = this.#context("names.update", "updating", name);
    return this.#lifetime.run(context, signal, () => Promise.reject(readOnly(context)));
  }

  async resolve(name: string, options: ResolveOptions = {}): Promise<Resolution> {
    const { known, maxBytes } = options;
    const context = this.#context("names.resolve", "resolving", name);
    return this.#lifetime.run(context, options.signal, async (signal) => {
      const reply = await getObject({
        url: `${this.#options.url}/names/${await nameKey(name, context)}`,
        limit: Math.min(maxBytes ?? Number.POSITIVE_INFINITY, this.#options.largestName),
        known: known !== undefined && !known.startsWith(HASHED) && isRevision(known) ? known : undefined,
        cache: "no-cache",
        signal,
        context,
        what: "the name",
      });
      if (reply.status === "absent") return { status: "absent" };
      if (reply.status === "unchanged") return { status: "unchanged", revision: known ?? "" };
      // A server without ETags, or whose ETags a browser may not see: the content tells as well whether it changed.
      const revision = revisionOf(reply.etag) ?? `${HASHED}${hexOf(await rawSha256.digest(reply.content))}`;
      if (revision === known) return { status: "unchanged", revision };
      return { status: "found", content: reply.content, revision };
    });
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  #context(operation: string, verb: string, name: string): FaultContext {
    return { operation, action: nameAction(verb, name, this.#options.url), anonymous: true };
  }
}
