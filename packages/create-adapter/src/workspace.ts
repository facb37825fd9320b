// Begins an adapter in this repository.

import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AdapterName } from "./adapter-name.ts";
import { CreateAdapterError } from "./create-adapter-error.ts";
import { writeNewPackage } from "./new-package.ts";
import { type AdapterKind, readTemplates } from "./template.ts";
import { dependencyAdded, lineAdded } from "./text-edits.ts";

/** An adapter that was begun in this repository. */
export interface WorkspaceAdapter {
  /** The folder of its package. */
  readonly folder: string;
  /** The files of the repository that now know it, from the root. */
  readonly changed: readonly string[];
  /** The files that should, and have another form than was expected: change them by hand. */
  readonly unchanged: readonly string[];
}

/**
 * The root of this repository, from a folder inside it.
 *
 * @throws CreateAdapterError `ERR_NO_WORKSPACE`
 */
export async function findWorkspace(folder: string): Promise<string> {
  for (let root = folder; ; root = dirname(root)) {
    const manifest = await read(join(root, "packages/memory/package.json"));
    if (manifest?.includes('"@remote-log/memory"') && (await read(join(root, "pnpm-workspace.yaml"))))
      return root;
    if (root !== dirname(root)) continue;
    const message = `${folder} is not inside the repository of remote-log: go there, or leave out --workspace.`;
    throw new CreateAdapterError("ERR_NO_WORKSPACE", message);
  }
}

/**
 * Begins an adapter in this repository. Its manifest and its compiler settings are those of `packages/memory`, so that
 * they have the form that all packages have.
 *
 * @param root - the root of the repository
 * @param kind - which template; default `"http"`
 * @throws CreateAdapterError `ERR_EXISTS` if there is such a package; nothing is overwritten
 */
export async function createInWorkspace(
  name: AdapterName,
  root: string,
  kind: AdapterKind = "http",
): Promise<WorkspaceAdapter> {
  const folder = join(root, "packages", name.folder);
  const files = await readTemplates(kind, "workspace", name);
  const changeset = files.get("_changeset.md")!;
  files.delete("_changeset.md");
  const model = JSON.parse(await readFile(join(root, "packages/memory/package.json"), "utf8")) as object;
  const own = { name: name.packageName, description: `Storage and names of a remote log in ${name.short}.` };
  files.set("package.json", `${JSON.stringify({ ...model, ...own }, undefined, 2)}\n`);
  files.set("tsconfig.json", await readFile(join(root, "packages/memory/tsconfig.json"), "utf8"));

  const changed: string[] = [];
  const unchanged: string[] = [];
  await writeNewPackage(folder, files, async () => {
    const entry = `.changeset/new-adapter-${name.folder}.md`;
    await writeFile(join(root, entry), changeset, { flag: "wx" });
    changed.push(entry);
    for (const [path, edit] of editsFor(name)) {
      const before = await read(join(root, path));
      const after = before === undefined ? undefined : edit(before);
      if (after !== undefined) await writeFile(join(root, path), after);
      (after === undefined ? unchanged : changed).push(path);
    }
  });
  return { folder, changed, unchanged };
}

/** How the files of the repository come to know a package. */
function editsFor({ folder, packageName }: AdapterName): [string, (text: string) => string | undefined][] {
  return [
    [
      "tsconfig.json",
      (text) => lineAdded(text, /^ *\{ "path": "packages\/memory" \},$/m, ["memory", folder]),
    ],
    ["biome.json", (text) => lineAdded(text, /^ *"packages\/memory\/src\/\*\*",$/m, ["memory", folder])],
    ["examples/package.json", (text) => dependencyAdded(text, packageName, "workspace:^")],
  ];
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
