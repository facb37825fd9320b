import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AdapterName } from "./adapter-name.ts";

/** The files of a new package: their paths inside it, with forward slashes, and their texts. */
export type Files = ReadonlyMap<string, string>;

// The same from src/ and from dist/.
const templates = fileURLToPath(new URL("../template/", import.meta.url));

/** What a file or folder of a template is called in the package: tools take some names for their own. */
const written: Readonly<Record<string, string>> = {
  _gitignore: ".gitignore",
  "_package.json": "package.json",
  _test: "test",
  "_tsconfig.json": "tsconfig.json",
};

/** Reads a template with the names filled in. */
export async function readTemplate(
  template: "common" | "standalone" | "workspace",
  name: AdapterName,
): Promise<Files> {
  const files = new Map<string, string>();
  const from = join(templates, template);
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const parts = source.slice(from.length + 1).split(/[/\\]/);
    const path = parts.map((part) => written[part] ?? part.replace(".check.", ".test.")).join("/");
    files.set(path, fillIn(await readFile(source, "utf8"), name));
  }
  return files;
}

/** Puts the names of an adapter in the place of the template's, in one pass: a name may hold "template" itself. */
function fillIn(text: string, name: AdapterName): string {
  return text.replaceAll(
    /@remote-log\/template|Template|template(?=[A-Z])|template/g,
    (found, at: number) => {
      if (found.startsWith("@")) return name.packageName;
      if (found === "Template") return name.pascal;
      return /^[A-Z]/.test(text.slice(at + found.length)) ? name.camel : name.short;
    },
  );
}

/** Version of this package. All packages of the project share one. */
export async function ownVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(templates, "../package.json"), "utf8")) as {
    version: string;
  };
  return manifest.version;
}
