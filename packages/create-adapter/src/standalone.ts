// Begins an adapter in a package of its own.

import { join } from "node:path";
import type { AdapterName } from "./adapter-name.ts";
import { writeNewPackage } from "./new-package.ts";
import { type AdapterKind, ownVersion, readTemplates } from "./template.ts";

/**
 * Begins an adapter in a package of its own: a new folder.
 *
 * @param parent - the folder to make it in
 * @param kind - which template; default `"http"`
 * @returns the folder of the package
 * @throws CreateAdapterError `ERR_EXISTS` if there is something of that name; nothing is overwritten
 */
export async function createStandalone(
  name: AdapterName,
  parent: string,
  kind: AdapterKind = "http",
): Promise<string> {
  const folder = join(parent, name.folder);
  const files = await readTemplates(kind, "standalone", name);
  files.set("package.json", files.get("package.json")!.replaceAll("VERSION", await ownVersion()));
  await writeNewPackage(folder, files);
  return folder;
}
