import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConformanceFixture, checkConformance, formatReport } from "@remote-log/conformance";
import { addressOf, type Remote, rawSha256 } from "@remote-log/core";
import { type AdapterKind, adapterKinds, createStandalone, standaloneName } from "@remote-log/create-adapter";
import { sample } from "@remote-log/test-kit";
import { beforeEach, expect, test } from "vitest";
import { run } from "./programs.ts";
import { linkModules, repository, temporaryFolder } from "./temporary-folder.ts";

let folder: string;

beforeEach(async () => {
  folder = await generated("http");
});

async function generated(kind: AdapterKind): Promise<string> {
  return createStandalone(standaloneName("@you/remote-log-key-value"), await temporaryFolder(), kind);
}

test("the package has the files that every adapter has", async () => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  expect(files.map((path) => path.slice(folder.length + 1)).sort()).toEqual([
    ".gitignore",
    "README.md",
    "package.json",
    "src/client.ts",
    "src/errors.ts",
    "src/index.ts",
    "src/names.ts",
    "src/options.ts",
    "src/remote.ts",
    "src/storage.ts",
    "test/conformance.test.js",
    "test/errors.test.js",
    "test/fixture.js",
    "tsconfig.json",
  ]);
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8")));
  expect(texts.filter((text) => /[Tt]emplate|VERSION/.test(text))).toEqual([]);
});

test.each([
  ["key-value", ["client", "errors", "index", "options", "remote"]],
  ["sql", ["client", "database", "errors", "index", "names", "options", "remote", "statements", "storage"]],
] as const)(
  "a package of the kind %s has just these sources, and nothing of the template's words",
  async (kind, names) => {
    const made = await generated(kind);
    expect((await readdir(join(made, "src"))).sort()).toEqual(names.map((name) => `${name}.ts`));
    const entries = await readdir(made, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile())) {
      const text = await readFile(join(entry.parentPath, entry.name), "utf8");
      expect(text).not.toMatch(/[Tt]emplate|VERSION|CAPABILITIES|ERRORS|"#(src|runner)/);
    }
  },
);

test("what an author writes of a key-value adapter has at most 60 lines of code", async () => {
  const made = await generated("key-value");
  const texts = await Promise.all(
    ["remote.ts", "errors.ts", "options.ts"].map((file) => readFile(join(made, "src", file), "utf8")),
  );
  const lines = texts.join("\n").split("\n");
  expect(lines.filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line)).length).toBeLessThanOrEqual(60);
});

test("a name that holds a word of the template is filled in whole", async () => {
  const other = await createStandalone(standaloneName("template-store"), await temporaryFolder());
  expect(await readFile(join(other, "src/index.ts"), "utf8")).toContain("{ templateStoreStorage }");
  expect(await readFile(join(other, "src/storage.ts"), "utf8")).toContain('name: "template-store",');
});

test("it depends on the packages of this very release, and on the compiler of this repository", async () => {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const core = JSON.parse(await readFile(join(repository, "packages/core/package.json"), "utf8"));
  const root = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
  expect(manifest).toMatchObject({
    name: "@you/remote-log-key-value",
    engines: core.engines,
    dependencies: { "@remote-log/core": `^${core.version}` },
    devDependencies: {
      "@remote-log/conformance": `^${core.version}`,
      typescript: `^${root.devDependencies.typescript}`,
    },
  });
});

test.each(sample("as generated", adapterKinds, 1))(
  "as generated, a %s adapter passes every case that applies to what it declares",
  async (kind) => {
    const made = await generated(kind);
    await linkModules(made);
    const { Service, keyValueRemote } = await import(/* @vite-ignore */ join(made, "src/index.ts"));
    const services = new Map<string, object>();
    const open: ConformanceFixture["create"] = async ({ namespace }) => {
      const service = services.get(namespace) ?? new Service();
      services.set(namespace, service);
      return keyValueRemote({ service });
    };
    const report = await checkConformance({ name: "as generated", create: open, reopen: open });
    expect(report.conformant && report.expected, formatReport(report)).toBe(true);
    // Skipped is what it does not declare, and what no map can do, such as failing.
    const owed =
      /opens no `(storage|names)`|delete is false|has no `close`|compareAndSet is "none"|gives no `reopen`/;
    expect(report.results.filter(({ reason }) => owed.test(reason))).toEqual([]);
    expect(report.results.filter(({ status }) => status === "passed").length).toBeGreaterThan(80);
  },
  1_800_000,
);

const lines = [
  ["http", "status 507 becomes ERR_QUOTA"],
  ["key-value", "the refusal WRONG_REVISION means conflict"],
  ["sql", "the code 53100 becomes ERR_QUOTA"],
] as const;

test.each(sample("npm test", lines, 1))(
  "the own `npm test` of a package of the kind %s compiles it, and passes",
  async (kind, line) => {
    const made = await generated(kind);
    await linkModules(made);
    const { exitCode, output } = await run("npm", ["test"], made);
    expect(exitCode, output).toBe(0);
    expect(output).toContain("CAS-PUT-01 MUST");
    expect(output).toContain(line);
    expect(output).toMatch(/^(#|ℹ) fail 0$/m);
    expect(Number(/^(?:#|ℹ) pass (\d+)$/m.exec(output)?.[1])).toBeGreaterThan(80);
  },
  1_800_000,
);

test.each([200, 404, 412])(
  "a stranger's answer with status %i, such as a login page, is taken for none by every operation",
  async (status) => {
    await linkModules(folder);
    const path = join(folder, "src/client.ts");
    const sound = await readFile(path, "utf8");
    const stranger = `stored: { bytes: new Uint8Array(9), revision: "1" }, status: ${status}, sender: "stranger"`;
    await writeFile(path, sound.replaceAll(/\{ \.\.\.answer,[^{}]*\}/g, `{ ${stranger} }`));
    const { keyValueRemote } = await import(/* @vite-ignore */ join(folder, "src/index.ts"));
    const { storage, names }: Remote = keyValueRemote();
    const content = new Uint8Array(9);
    const address = await addressOf(content, rawSha256);
    const operations: Record<string, () => Promise<unknown> | undefined> = {
      "storage.put": () => storage.put(content),
      "storage.get": () => storage.get(address),
      "storage.has": () => storage.has(address),
      "storage.delete": () => storage.delete?.(address),
      "names.update": () => names.update("name", content, { expected: null }),
      "names.resolve": () => names.resolve("name"),
    };
    for (const [operation, operate] of Object.entries(operations)) {
      await expect(operate(), operation).rejects.toMatchObject({ code: "ERR_UNREACHABLE", operation });
    }
  },
);

test("its tests fail once a method is broken", async () => {
  await linkModules(folder);
  const path = join(folder, "src/storage.ts");
  const sound = await readFile(path, "utf8");
  await writeFile(path, sound.replace("200, 404).status === 200;", "200, 404).status !== 500;"));
  expect((await run("npm", ["run", "build"], folder)).exitCode).toBe(0);
  const words = [
    "--test",
    "--test-reporter=tap",
    "--test-name-pattern=CAS-HAS-01",
    "test/conformance.test.js",
  ];
  const { exitCode, output } = await run(process.execPath, words, folder);
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/not ok \d+ - CAS-HAS-01 MUST/);
});
