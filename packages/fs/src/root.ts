// The folder of a remote, and the folders inside it.

import { mkdir, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InvalidInputError, UnreachableError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import { syncFolder } from "./durable.ts";
import { errnoOf } from "./errors.ts";
import { type HeldFolder, holdFolder } from "./held-folder.ts";
import { makeFolders } from "./make-folders.ts";
import type { CheckedOptions } from "./options.ts";
import { isFolder } from "./read-file.ts";

/** A file, or a circle of links, on the way to the root. */
const NO_PATH: ReadonlySet<unknown> = new Set(["ENOTDIR", "ELOOP"]);

/**
 * The folder of a remote: finds and makes the folders inside it, one level at a time, and follows no link on the
 * way. The names of those folders come from digests alone, so that none can lead outside.
 */
export class Root {
  readonly #options: CheckedOptions;
  readonly #area: string;
  #resolved: string | undefined;
  /** The names of folders whose own entry this object has made durable. */
  readonly #durable = new Set<string>();

  /** @param area - the one folder below the root that is used: `"contents"` or `"names"` */
  constructor(options: CheckedOptions, area: string) {
    this.#options = options;
    this.#area = area;
  }

  /**
   * The path of the area, or of a folder in it.
   *
   * @returns `undefined` if there is none
   * @throws UnreachableError `ERR_UNREACHABLE` if the area is missing and may not be made, or if the root
   * has gone since it was first used
   */
  async find(context: OperationContext, folder?: string): Promise<string | undefined> {
    const root = await this.#resolve(context);
    if (root === undefined) return undefined;
    const area = join(root, this.#area);
    if (!(await isFolder(area, context))) {
      // A root that was there and has gone is a drive that was unmounted, not an empty remote.
      if (this.#options.create && (await isFolder(root, context))) return undefined;
      throw this.#missing(context);
    }
    if (folder === undefined) return area;
    const path = join(area, folder);
    return (await isFolder(path, context)) ? path : undefined;
  }

  /** Whether the area is there: it is not in a folder that is missing, empty or no remote, such as the bare mount point of a drive. */
  async exists(): Promise<boolean> {
    const area = await stat(join(this.#options.root, this.#area)).catch((error: unknown) => {
      if (errnoOf(error) !== "ENOENT") throw error;
      return undefined;
    });
    return area?.isDirectory() === true;
  }

  /** Holds the area for writing, or a folder of it; `undefined` if there is none. */
  async hold(context: OperationContext, folder?: string): Promise<HeldFolder | undefined> {
    const root = await this.#resolve(context);
    const area = root === undefined ? undefined : await holdFolder(join(root, this.#area));
    if (area === undefined) {
      // Says whether that is an absence.
      await this.find(context);
      return undefined;
    }
    if (folder === undefined) return area;
    try {
      return await holdFolder(join(area.path, folder));
    } finally {
      await area.close();
    }
  }

  /** Holds the area for writing, or a folder of it; it and those above it are made if they are missing, and durable. */
  async make(context: OperationContext, folder?: string): Promise<HeldFolder> {
    const root = (await this.#resolve(context)) ?? (await this.#makeRoot(context));
    const syncRoot = (): Promise<void> => syncFolder(root, context);
    const area = await this.#makeFolder(root, this.#area, this.#options.create, context, syncRoot);
    if (folder === undefined) return area;
    try {
      return await this.#makeFolder(area.path, folder, true, context, () => area.sync(context));
    } finally {
      await area.close();
    }
  }

  async #makeFolder(
    parent: string,
    name: string,
    create: boolean,
    context: OperationContext,
    syncParent: () => Promise<void>,
  ): Promise<HeldFolder> {
    const path = join(parent, name);
    const there = await holdFolder(path);
    if (there !== undefined && this.#durable.has(name)) return there;
    if (there === undefined) {
      if (!create) throw this.#missing(context);
      await mkdir(path).catch((error: unknown) => {
        if (errnoOf(error) !== "EEXIST") throw error;
      });
    }
    const made = there ?? (await holdFolder(path));
    // Somebody has removed it within this very moment.
    if (made === undefined) throw this.#missing(context);
    try {
      // Also if another process made it: whoever did may not have come to this point.
      if (this.#options.sync) await syncParent();
    } catch (error) {
      await made.close();
      throw error;
    }
    this.#durable.add(name);
    return made;
  }

  async #resolve(context: OperationContext): Promise<string | undefined> {
    if (this.#resolved !== undefined) return this.#resolved;
    let path: string;
    try {
      path = await realpath(this.#options.root);
    } catch (error) {
      // What is on the way to the root is the user's own, and nothing that somebody put into a remote.
      if (NO_PATH.has(errnoOf(error))) throw this.#noFolder(context, error);
      if (errnoOf(error) !== "ENOENT") throw error;
      if (this.#options.create) return undefined;
      throw this.#missing(context, error);
    }
    if (!(await stat(path)).isDirectory()) throw this.#noFolder(context);
    this.#resolved = path;
    return path;
  }

  async #makeRoot(context: OperationContext): Promise<string> {
    const { root, sync } = this.#options;
    const first = await makeFolders(root);
    // Every level that was made is durable once the one above it is synced.
    for (let path = root; sync && first !== undefined; path = dirname(path)) {
      await syncFolder(dirname(path), context);
      if (path === first || path === dirname(path)) break;
    }
    this.#resolved = await realpath(root);
    return this.#resolved;
  }

  #noFolder(context: OperationContext, cause?: unknown): InvalidInputError {
    return new InvalidInputError(
      `${this.#options.root} is no folder, so it can't be the root of a remote. Name a folder.`,
      { operation: context.operation, cause },
    );
  }

  #missing(context: OperationContext, cause?: unknown): UnreachableError {
    return new UnreachableError(
      `The folder ${join(this.#options.root, this.#area)} is not there, and it should be: it was before, or the ` +
        "option `create` is false. Mount the drive, or open the remote anew with `create: true`.",
      { operation: context.operation, cause },
    );
  }
}
