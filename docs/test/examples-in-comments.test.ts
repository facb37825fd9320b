import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// The examples of the core's entry points, as editors show them. Those for authors of adapters are parts of a class.
const root = fileURLToPath(new URL("../..", import.meta.url));
const sources = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "packages/core/src/*.ts"],
  { cwd: root },
)
  .toString()
  .split("\n")
  .filter((path) => path.endsWith(".ts") && !path.includes("/adapter/"));

interface Example {
  readonly source: string;
  /** What the comment with the example stands above. */
  readonly name: string;
  readonly code: string;
}

const examples = sources.flatMap(examplesIn);

test("every entry point has an example", () => {
  const names = examples.map(({ name }) => name);
  const entryPoints = [
    "openWriter",
    "openReader",
    "mirrorLog",
    "formatLink",
    "parseLink",
    "openLink",
    "memoryReaderStore",
  ];
  const verifiers = ["verifyInclusion", "verifyConsistency", "verifyCheckpoint", "verifyForkEvidence"];
  expect(names).toEqual(expect.arrayContaining([...entryPoints, ...verifiers]));
});

for (const { source, name, code } of examples) {
  test(`the example of ${name} runs`, async () => {
    // Inside the repository, so that packages are found as in an application that depends on them.
    const folder = join(root, "examples/.blocks");
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${source.replaceAll(/\W/g, "-")}-${name}.ts`);
    await writeFile(file, `${code}\nexport {};\n`);
    try {
      await expect(import(/* @vite-ignore */ file)).resolves.toBeDefined();
    } finally {
      await rm(file);
    }
  });
}

function examplesIn(source: string): Example[] {
  const text = readFileSync(join(root, source), "utf8");
  const comments = text.matchAll(/\/\*\*\n(?: \*.*\n)+? \*\/\nexport (?:async )?function (\w+)/g);
  return [...comments].flatMap(([comment, name]) =>
    [...comment.matchAll(/ \* @example\n \* ```ts\n((?: \*.*\n)+?) \* ```/g)].map(([, lines]) => ({
      source,
      name: name!,
      code: lines!.replaceAll(/^ \* ?/gm, ""),
    })),
  );
}
