// Names in a folder: the driver.

import type { NameResolver, Resolution, Revision } from "@remote-log/core";
import {
  type Call,
  defineNames,
  hashedName,
  type NameDriver,
  type ResolveRequest,
} from "@remote-log/core/adapter";
import { isNewest, readNewest } from "./chain.ts";
import { claim, holds } from "./claim.ts";
import { inTurn } from "./descriptors.ts";
import { releasing } from "./held-folder.ts";
import { InFolder, LARGEST_NAME_VALUE } from "./in-folder.ts";
import { type CheckedOptions, checkOptions, type FsNamesOptions } from "./options.ts";
import { formatRevision, parseRevision } from "./revision.ts";

/**
 * Names in a folder, each in a folder of its own that is called by the SHA-256 of the name in UTF-8:
 * `<root>/names/<64 hex>/`. Any name does, whatever its length and its characters.
 *
 * Compare-and-set is atomic between processes (and between machines, if the filesystem's `link` is), without
 * lock files and without a clock. It needs hard links: without them `update` is `UnsupportedError`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 * @throws UnsupportedError `ERR_UNSUPPORTED` on Windows
 *
 * @example
 * ```ts
 * import { fsNames } from "@remote-log/fs";
 *
 * const names = fsNames({ root: "shared-folder" });
 * const revision = await names.update("greeting", new Uint8Array(3), { expected: null });
 * ```
 */
export function fsNames(options: FsNamesOptions): NameResolver & Required<Pick<NameResolver, "close">> {
  return defineNames(new FolderDriver(checkOptions(options, LARGEST_NAME_VALUE)));
}

class FolderDriver extends InFolder implements NameDriver {
  readonly name = "fs";
  readonly capabilities: NameDriver["capabilities"];

  constructor(options: CheckedOptions) {
    super(options, "names");
    const { largestContent } = options;
    this.capabilities = { compareAndSet: "atomic", readYourWrites: true, largestContent };
  }

  update(
    name: string,
    content: Uint8Array,
    expected: Revision | null,
    call: Call,
  ): Promise<Revision | undefined> {
    // Whatever opens a file does so before the link that decides.
    return inTurn(call, () => this.#update(name, content, expected, call));
  }

  async #update(
    name: string,
    content: Uint8Array,
    expected: Revision | null,
    { signal, context }: Call,
  ): Promise<Revision | undefined> {
    const hash = hashedName(name);
    const held = expected === null ? undefined : parseRevision(expected);
    if (held === undefined && expected !== null) return undefined;
    const found = await this.root.find(context, hash);
    const free = found === undefined ? held === undefined : await holds(found, held, context);
    if (!free) return undefined;
    signal.throwIfAborted();
    const folder = await this.root.make(context, hash);
    const won = await releasing([folder], () =>
      claim(folder, held, content, { sync: this.options.sync, signal, context }),
    );
    return won && formatRevision(won);
  }

  resolve(name: string, request: ResolveRequest, call: Call): Promise<Resolution> {
    return inTurn(call, () => this.#resolve(name, request, call));
  }

  async #resolve(
    name: string,
    { known, limit }: ResolveRequest,
    { signal, context }: Call,
  ): Promise<Resolution> {
    const folder = await this.root.find(context, hashedName(name));
    if (folder === undefined) return { status: "absent", placeMissing: !(await this.root.exists()) };
    signal.throwIfAborted();
    const revision = known === undefined ? undefined : parseRevision(known);
    if (known !== undefined && revision !== undefined && (await isNewest(folder, revision, context))) {
      return { status: "unchanged", revision: known };
    }
    const newest = await readNewest(folder, { limit, signal, context, sync: this.options.sync });
    if (newest === undefined) return { status: "absent" };
    return { status: "found", content: newest.content, revision: formatRevision(newest.revision) };
  }
}
