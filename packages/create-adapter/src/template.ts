// The templates: what the files of a new package are, and how names are filled in.

import { access, readdir, readFile } from "node:fs/promises";
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

/** The kinds of service that there is a template for. */
export const adapterKinds = ["http", "key-value", "sql"] as const;

/** A kind of service: answers with statuses; keys with a compare-and-set; a database with a pool of connections. */
export type AdapterKind = (typeof adapterKinds)[number];

/** Where a package is made: on its own, with Node's test runner; or in this repository, with vitest. */
export type Surroundings = "standalone" | "workspace";

/** Reads all files of a new package, with the names filled in. */
export async function readTemplates(
  kind: AdapterKind,
  surroundings: Surroundings,
  name: AdapterName,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const template of ["common", kind, surroundings]) {
    for (const [path, text] of await readTemplate(template)) files.set(path, text);
  }
  const part = (path: string): string => {
    const text = files.get(path) ?? "";
    files.delete(path);
    return text;
  };
  const readme = (files.get("README.md") ?? "")
    .replace("CAPABILITIES", part("_capabilities.md"))
    .replace("ERRORS", part("_errors.md"));
  files.set("README.md", readme);
  const errors = part("test/errors.test.ts");
  files.set(`test/errors.test.${extension[surroundings]}`, bound(errors, surroundings));
  return new Map([...files].map(([path, text]) => [path, fillIn(text, name)]));
}

const extension = { standalone: "js", workspace: "ts" } as const;

/** Binds a test that any runner can run: to Node's runner and the compiled sources, or to vitest and the sources. */
function bound(test: string, surroundings: Surroundings): string {
  const [runner, folder, ending] =
    surroundings === "standalone" ? ["node:test", "../dist", "js"] : ["vitest", "../src", "ts"];
  return test.replace("#runner", runner).replaceAll(/"#src\/([a-z-]+)"/g, `"${folder}/$1.${ending}"`);
}

/** Reads the files of one template. */
async function readTemplate(template: string): Promise<Files> {
  const files = new Map<string, string>();
  const from = join(templates, template);
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const parts = source.slice(from.length + 1).split(/[/\\]/);
    const path = parts.map((part) => written[part] ?? part.replace(".check.", ".test.")).join("/");
    files.set(path, await readFile(source, "utf8"));
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

/** The folder of the packages, if this program runs from a clone of the repository; `undefined` if it was installed. */
export async function packagesOfClone(): Promise<string | undefined> {
  const packages = join(templates, "../..");
  const isClone = await access(join(packages, "../pnpm-workspace.yaml")).then(
    () => true,
    () => false,
  );
  return isClone ? packages : undefined;
}

/** Version of this package. All packages of the project share one. */
export async function ownVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(templates, "../package.json"), "utf8")) as {
    version: string;
  };
  return manifest.version;
}
