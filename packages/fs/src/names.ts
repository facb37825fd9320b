import { createHash } from "node:crypto";
import {
  InvalidInputError,
  type NameCapabilities,
  NameConflictError,
  type NameResolver,
  type Resolution,
  type ResolveOptions,
  type Revision,
  TooLargeError,
  type UpdateOptions,
} from "@remote-log/core";
import { isNewest, readNewest } from "./chain.ts";
import { claim, holds } from "./claim.ts";
import type { FaultContext } from "./errors.ts";
import { Lifetime } from "./lifetime.ts";
import { type CheckedOptions, checkOptions, type FsNamesOptions } from "./options.ts";
import { formatRevision, parseRevision } from "./revision.ts";
import { Root } from "./root.ts";

const LARGEST_CONTENT = 1024 * 1024;

/**
 * Names in a folder, each in a folder of its own that is called by the SHA-256 of the name in UTF-8:
 * `<root>/names/<64 hex>/`. Any name does, whatever its length and its characters.
 *
 * Compare-and-set is atomic between processes (and between machines, where the filesystem's `link` is), without
 * lock files and without a clock. It needs hard links: without them `update` is `UnsupportedError`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @throws UnsupportedError `ERR_UNSUPPORTED` on Windows
 */
export function fsNames(options: FsNamesOptions): Omit<Required<NameResolver>, "watch"> {
  return new FolderNames(checkOptions(options, LARGEST_CONTENT));
}

class FolderNames implements NameResolver {
  readonly name = "fs";
  readonly capabilities: NameCapabilities;
  readonly #options: CheckedOptions;
  readonly #root: Root;
  readonly #lifetime = new Lifetime("name resolver");

  constructor(options: CheckedOptions) {
    this.#options = options;
    this.#root = new Root(options, "names");
    this.capabilities = Object.freeze({
      compareAndSet: "atomic",
      readYourWrites: true,
      largestContent: options.largestContent,
      watch: false,
    });
  }

  async update(name: string, content: Uint8Array, options: UpdateOptions): Promise<Revision> {
    const { signal } = options;
    const context = this.#context("names.update", "updating", name);
    const { sync, largestContent: limit } = this.#options;
    return this.#lifetime.run(context, signal, async () => {
      const hash = nameHash(name, context);
      if (content.length > limit) {
        throw new TooLargeError(
          `A content of ${content.length} bytes is too large for a name: the limit is ${limit}. Store it as a ` +
            "content, and let the name point at it.",
          { operation: context.operation, limit },
        );
      }
      // The caller may change its bytes as soon as it has this promise.
      const bytes = new Uint8Array(content);
      const expected = options.expected === null ? undefined : parseRevision(options.expected);
      if (expected === undefined && options.expected !== null) throw conflict(context, options.expected);
      const found = await this.#root.find(context, hash);
      const free = found === undefined ? expected === undefined : await holds(found, expected, context);
      if (!free) throw conflict(context, options.expected);
      signal?.throwIfAborted();
      const folder = await this.#root.make(context, hash);
      const won = await claim(folder, expected, bytes, { sync, signal, context });
      if (won === undefined) throw conflict(context, options.expected);
      return formatRevision(won);
    });
  }

  async resolve(name: string, options: ResolveOptions = {}): Promise<Resolution> {
    const { signal, known } = options;
    const context = this.#context("names.resolve", "resolving", name);
    return this.#lifetime.run(context, signal, async () => {
      const folder = await this.#root.find(context, nameHash(name, context));
      if (folder === undefined) return { status: "absent" };
      signal?.throwIfAborted();
      const revision = known === undefined ? undefined : parseRevision(known);
      if (known !== undefined && revision !== undefined && (await isNewest(folder, revision, context))) {
        return { status: "unchanged", revision: known };
      }
      const limit = Math.min(options.maxBytes ?? Number.POSITIVE_INFINITY, this.#options.largestContent);
      const newest = await readNewest(folder, { limit, signal, context, sync: this.#options.sync });
      if (newest === undefined) return { status: "absent" };
      return { status: "found", content: newest.content, revision: formatRevision(newest.revision) };
    });
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }

  #context(operation: string, action: string, name: string): FaultContext {
    const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
    return { operation, action: `${action} the name ${JSON.stringify(shown)} in ${this.#options.root}` };
  }
}

function nameHash(name: string, context: FaultContext): string {
  // Encoded as UTF-8, every lone surrogate would become the same replacement character.
  if (/\p{Surrogate}/u.test(name)) {
    throw new InvalidInputError(
      "The name holds half of a surrogate pair, so it is no text that UTF-8 can encode. Use another name.",
      { operation: context.operation },
    );
  }
  return createHash("sha256").update(name, "utf8").digest("hex");
}

function conflict(context: FaultContext, expected: Revision | null): NameConflictError {
  const should = expected === null ? "does not exist yet" : `holds the revision ${JSON.stringify(expected)}`;
  return new NameConflictError(
    `While ${context.action}, it was expected that the name ${should}, and that is not so. It was left as it ` +
      "is. Resolve it to see what it holds.",
    { operation: context.operation },
  );
}
