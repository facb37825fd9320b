import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const checked = readFileSync(join(root, "tools/portable/option-types.ts"), "utf8");

/** Of what an adapter gives to the client of its service, the client has the say. */
const OF_CLIENTS = [
  "KuboGetOptions",
  "KuboPutOptions",
  "StoreOptions",
  "BeeRequestOptions",
  "BeeUploadOptions",
];
/** These have no functions that an application calls. */
const PROGRAMS = ["@remote-log/cli", "@remote-log/create-adapter"];

/** The types of options that a package exports by name, from any of its entries. */
function optionTypes(folder: string): string[] {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    exports: Readonly<Record<string, string | { readonly "@remote-log/source"?: string }>>;
  };
  if (PROGRAMS.includes(name)) return [];
  return Object.values(exports).flatMap((entry) => {
    const source = typeof entry === "object" ? entry["@remote-log/source"] : undefined;
    if (source === undefined) return [];
    const lines = readFileSync(join(folder, source), "utf8").matchAll(/^export (?:type )?\{[^}]*\}/gm);
    return [...lines].flatMap(
      ([text]) => text.match(/\b[A-Z]\w*(?:Options|Settings|Target|Limits)\b/g) ?? [],
    );
  });
}

test("every exported type of options is held to accepting `undefined`", () => {
  const folders = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
  const found = folders.flatMap(optionTypes).filter((name) => !OF_CLIENTS.includes(name));
  expect(found.length).toBeGreaterThan(60);
  expect(found.filter((name) => !new RegExp(`\\.${name}\\b`).test(checked))).toEqual([]);
});
