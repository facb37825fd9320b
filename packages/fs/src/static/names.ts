// Names in a folder that a web server serves: the driver.

import { createHash } from "node:crypto";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NameResolver, Resolution, Revision } from "@remote-log/core";
import {
  type Call,
  defineNames,
  hashedName,
  type NameDriver,
  type ResolveRequest,
} from "@remote-log/core/adapter";
import { inTurn } from "../descriptors.ts";
import { removeLeftovers, replaceFile } from "../durable.ts";
import { errnoOf } from "../errors.ts";
import { type HeldFolder, releasing } from "../held-folder.ts";
import { InFolder, LARGEST_NAME_VALUE } from "../in-folder.ts";
import { type CheckedOptions, checkOptions, type FsNamesOptions } from "../options.ts";
import { readFile } from "../read-file.ts";

/** The names of a static folder, each in one file that holds nothing but its content. */
export function staticNames(options: FsNamesOptions): NameResolver {
  return defineNames(new StaticDriver(checkOptions(options, LARGEST_NAME_VALUE)));
}

class StaticDriver extends InFolder implements NameDriver {
  readonly name = "static";
  readonly capabilities: NameDriver["capabilities"];

  constructor(options: CheckedOptions) {
    super(options, "names");
    const { largestContent } = options;
    this.capabilities = { compareAndSet: "none", readYourWrites: true, largestContent };
  }

  update(
    name: string,
    content: Uint8Array,
    expected: Revision | null,
    call: Call,
  ): Promise<Revision | undefined> {
    return inTurn(call, async () => {
      const folder = await this.root.make(call.context);
      return releasing([folder], () => this.#replace(folder, hashedName(name), { content, expected }, call));
    });
  }

  async #replace(
    folder: HeldFolder,
    file: string,
    { content, expected }: { readonly content: Uint8Array; readonly expected: Revision | null },
    { signal, context }: Call,
  ): Promise<Revision | undefined> {
    const path = join(folder.path, file);
    const { largestContent: limit, sync } = this.options;
    const held = await readFile(path, { limit, signal, context });
    if ((held === undefined ? null : revisionOf(held)) !== expected) return undefined;
    if (expected === null) await keepAsItIs(folder);
    const modified = await nextSecond(path);
    await replaceFile(folder, file, content, { sync, modified, signal, context });
    await removeLeftovers(folder.path, file);
    return revisionOf(content);
  }

  resolve(name: string, { known, limit }: ResolveRequest, { signal, context }: Call): Promise<Resolution> {
    return inTurn({ signal }, async () => {
      const folder = await this.root.find(context);
      if (folder === undefined) return { status: "absent", placeMissing: !(await this.root.exists()) };
      const content = await readFile(join(folder, hashedName(name)), { limit, signal, context });
      if (content === undefined) return { status: "absent" };
      const revision = revisionOf(content);
      return revision === known ? { status: "unchanged", revision } : { status: "found", content, revision };
    });
  }
}

/** GitHub Pages would take contents that begin with three hyphens for pages of Jekyll, and change them. */
async function keepAsItIs(folder: HeldFolder): Promise<void> {
  // Not join(), which would leave out the folder that is held, and with it what its name leads to.
  await writeFile(`${folder.path}/../.nojekyll`, "", { flag: "wx" }).catch((error: unknown) => {
    if (errnoOf(error) !== "EEXIST") throw error;
  });
}

/** Nothing but the content is in the file, so nothing else can tell one revision from another. */
function revisionOf(content: Uint8Array): Revision {
  return createHash("sha256").update(content).digest("hex");
}

/**
 * The time of change for the next content of a file. Web servers tell whether it changed by its size and the second of its
 * change, so no two contents get the same second.
 */
async function nextSecond(path: string): Promise<Date> {
  const before = await stat(path).catch((error: unknown) => {
    if (errnoOf(error) !== "ENOENT") throw error;
    return undefined;
  });
  const seconds = before === undefined ? 0 : Math.floor(before.mtimeMs / 1000) + 1;
  return new Date(1000 * Math.max(seconds, Math.floor(Date.now() / 1000)));
}
