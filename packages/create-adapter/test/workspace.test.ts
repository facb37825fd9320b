import { cp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { adapterKinds, createInWorkspace, findWorkspace, workspaceName } from "@remote-log/create-adapter";
import { whole } from "@remote-log/test-kit";
import { beforeEach, expect, test } from "vitest";
import { runTool } from "./programs.ts";
import { linkModules, repository, temporaryFolder } from "./temporary-folder.ts";

const copied = [
  ".oxlintrc.json",
  ".changeset/README.md",
  "biome.json",
  "examples/package.json",
  "packages/memory/package.json",
  "packages/memory/tsconfig.json",
  "pnpm-workspace.yaml",
  "tsconfig.base.json",
  "tsconfig.json",
  "vitest.config.ts",
];

let root: string;

beforeEach(async () => {
  root = await temporaryFolder();
  for (const path of copied) await cp(join(repository, path), join(root, path));
  await linkModules(root);
});

test("the repository is found from every folder inside it, and from nowhere else", async () => {
  expect(await findWorkspace(root)).toBe(root);
  expect(await findWorkspace(join(root, "packages/memory"))).toBe(root);
  await expect(findWorkspace(await temporaryFolder())).rejects.toMatchObject({ code: "ERR_NO_WORKSPACE" });
});

test.each([
  ["kv", "key-value"],
  ["interplanetary-archive", "http"],
  ["table", "sql"],
] as const)(
  "the package %s, of the kind %s, has the form of the others, and is clean",
  async (name, kind) => {
    const { folder, changed, unchanged } = await createInWorkspace(workspaceName(name), root, kind);
    expect(folder).toBe(join(root, "packages", name));
    expect(unchanged).toEqual([]);
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const memory = JSON.parse(await readFile(join(root, "packages/memory/package.json"), "utf8"));
    expect(Object.keys(manifest)).toEqual(Object.keys(memory));
    expect(manifest).toMatchObject({
      name: `@remote-log/${name}`,
      version: memory.version,
      files: memory.files,
      exports: memory.exports,
      scripts: memory.scripts,
    });
    const words = [
      "ci",
      "--vcs-enabled=false",
      "--error-on-warnings",
      "--colors=off",
      `packages/${name}`,
      ...changed,
    ];
    const linted = await runTool("@biomejs/biome/bin/biome", words, root);
    expect(linted.exitCode, linted.output).toBe(0);
  },
);

// The own tests of a generated package are those of standalone.test.ts, where pnpm test runs them for one kind.
test.skipIf(!whole).each(adapterKinds)(
  "in the repository the sources of the kind %s compile and are clean, and its tests run",
  async (kind) => {
    const { folder } = await createInWorkspace(workspaceName("my-store"), root, kind);
    // What it, and the repository's settings, refer to is there as it was built.
    for (const one of await readdir(join(repository, "packages"))) {
      if (one !== "memory") await symlink(join(repository, "packages", one), join(root, "packages", one));
    }
    for (const path of ["tools", "tsconfig.test.json"])
      await symlink(join(repository, path), join(root, path));
    const compiled = await runTool("typescript/bin/tsc", ["-p", folder, "--noEmit"], root);
    expect(compiled.exitCode, compiled.output).toBe(0);
    const linted = await runTool(
      "oxlint/bin/oxlint",
      ["--type-aware", "--deny-warnings", `packages/my-store`],
      root,
    );
    expect(linted.exitCode, linted.output).toBe(0);
    // The sources are those of a package of its own, whose tests run all of the suite.
    const words = [
      "run",
      "--root",
      root,
      "--reporter=verbose",
      "-t",
      "becomes|means|CAS-PUT|NS-UPDATE",
      folder,
    ];
    const tested = await runTool("vitest/vitest.mjs", words, root);
    expect(tested.exitCode, tested.output).toBe(0);
    expect(tested.output).toMatch(/✓ .*conformance of my-store > CAS-PUT-01 MUST/);
    expect(tested.output).toMatch(/✓ .*(becomes ERR_QUOTA|means quota)/);
  },
  1_800_000,
);

test("the repository comes to know it: compiler, linter for browsers, examples and changes", async () => {
  const before = Object.fromEntries(
    await Promise.all(copied.map(async (path) => [path, await textOf(path)])),
  );
  const { changed } = await createInWorkspace(workspaceName("my-store"), root);
  expect([...changed].sort()).toEqual([
    ".changeset/new-adapter-my-store.md",
    "biome.json",
    "examples/package.json",
    "tsconfig.json",
  ]);
  const references = JSON.parse(await textOf("tsconfig.json")).references.map(
    ({ path }: { path: string }) => path,
  );
  expect(references).toContain("packages/my-store");
  expect(JSON.stringify(JSON.parse(await textOf("biome.json")).overrides)).toContain(
    "packages/my-store/src/**",
  );
  expect(JSON.parse(await textOf("examples/package.json")).dependencies["@remote-log/my-store"]).toBe(
    "workspace:^",
  );
  expect(await textOf(".changeset/new-adapter-my-store.md")).toContain('"@remote-log/my-store": minor');
  for (const path of copied) {
    const kept = (await textOf(path)).split("\n").filter((line) => !line.includes("my-store"));
    expect(kept.join("\n")).toBe(before[path]);
  }
});

test("a file of another form is left as it is, and named", async () => {
  await writeFile(join(root, "tsconfig.json"), '{"references":[]}');
  const { unchanged } = await createInWorkspace(workspaceName("my-store"), root);
  expect(unchanged).toEqual(["tsconfig.json"]);
  expect(await textOf("tsconfig.json")).toBe('{"references":[]}');
});

test("a package that is there is not touched, and nothing else is", async () => {
  const before = await textOf("packages/memory/package.json");
  const creating = createInWorkspace(workspaceName("memory"), root);
  await expect(creating).rejects.toMatchObject({ code: "ERR_EXISTS" });
  expect(await textOf("packages/memory/package.json")).toBe(before);
  expect(await textOf("tsconfig.json")).toBe(await readFile(join(repository, "tsconfig.json"), "utf8"));
});

test("if the change can't be noted, nothing of the package is left", async () => {
  await writeFile(join(root, ".changeset/new-adapter-my-store.md"), "mine");
  await expect(createInWorkspace(workspaceName("my-store"), root)).rejects.toMatchObject({ code: "EEXIST" });
  await expect(textOf("packages/my-store/package.json")).rejects.toMatchObject({ code: "ENOENT" });
  expect(await textOf(".changeset/new-adapter-my-store.md")).toBe("mine");
  expect(await textOf("tsconfig.json")).not.toContain("my-store");
});

function textOf(path: string): Promise<string> {
  return readFile(join(root, path), "utf8");
}
