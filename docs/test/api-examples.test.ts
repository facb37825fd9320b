import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Example {
  /** `packages/core/src/index.ts:12`. */
  readonly at: string;
  readonly code: string;
}

/** Every block of TypeScript in the comments of a package's sources. */
async function examplesOf(folder: string): Promise<Example[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"));
  const found = await Promise.all(
    files.map(async (file) => {
      const path = join(file.parentPath, file.name);
      const text = await readFile(path, "utf8");
      return [...text.matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)].map((match) => ({
        at: `${path.slice(root.length)}:${text.slice(0, match.index).split("\n").length}`,
        code: match[1]!.replaceAll(/^ *\* ?/gm, ""),
      }));
    }),
  );
  return found.flat();
}

function compile(project: string): Promise<string> {
  const words = [join(root, "node_modules/typescript/bin/tsc"), "-p", project];
  return new Promise((resolve) => {
    execFile(process.execPath, words, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}

test("every example in the comments of the API compiles as it is, in a module of its own", async () => {
  const packages = await readdir(join(root, "packages"));
  const examples = (await Promise.all(packages.map((name) => examplesOf(`packages/${name}/src`)))).flat();
  expect(examples.length).toBeGreaterThan(10);
  await mkdir(join(root, "examples/.blocks"), { recursive: true });
  const folder = await mkdtemp(join(root, "examples/.blocks/api-"));
  try {
    const names = examples.map((_, index) => `example-${index}.ts`);
    await Promise.all(
      examples.map(({ at, code }, index) =>
        writeFile(join(folder, names[index]!), `// ${at}\n${code}\nexport {};\n`),
      ),
    );
    const compilerOptions = {
      target: "es2022",
      lib: ["es2023", "esnext.disposable", "dom", "dom.asynciterable"],
      module: "nodenext",
      strict: true,
      noEmit: true,
      types: ["node"],
      skipLibCheck: true,
      customConditions: ["@remote-log/source"],
      allowImportingTsExtensions: true,
      exactOptionalPropertyTypes: true,
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: names }));
    const output = await compile(folder);
    const told = output.replaceAll(
      /\S*example-(\d+)\.ts/g,
      (_, index: string) => examples[Number(index)]!.at,
    );
    expect(told).toBe("");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
