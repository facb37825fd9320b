import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

/** Every module that an entry reaches, with what it imports from elsewhere. */
async function importsOf(entry: URL, seen = new Map<string, string[]>()): Promise<Map<string, string[]>> {
  if (seen.has(entry.href)) return seen;
  // Examples in comments import what their readers install.
  const source = (await readFile(entry, "utf8")).replace(/^ *\*.*$/gm, "");
  const imports = [...source.matchAll(/(?<!")\b(?:from|import|reference types=)\s*\(?\s*"([^"]+)"/g)].map(
    (match) => match[1]!,
  );
  seen.set(
    entry.href,
    imports.filter((name) => !name.startsWith(".")),
  );
  for (const name of imports) if (name.startsWith(".")) await importsOf(new URL(name, entry), seen);
  return seen;
}

/** What the suite itself imports. */
const everywhere = ["@remote-log/core", "@remote-log/memory", "fast-check", "memory-level"];

test("the main entry imports core and memory, what draws by chance and a journal: no runner, nothing of Node", async () => {
  const modules = await importsOf(new URL("../src/index.ts", import.meta.url));
  expect(modules.size).toBeGreaterThan(15);
  expect([...new Set([...modules.values()].flat())].sort()).toEqual(everywhere);
});

test("a binding imports its runner and nothing else besides the core", async () => {
  for (const [binding, runner] of [
    ["vitest", ["vitest"]],
    ["node-test", ["node", "node:test"]],
  ] as const) {
    const modules = await importsOf(new URL(`../src/bindings/${binding}.ts`, import.meta.url));
    expect(new Set([...modules.values()].flat())).toEqual(new Set([...runner, ...everywhere]));
  }
});
