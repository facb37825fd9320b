import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConformanceFixture, checkConformance, formatReport } from "@remote-log/conformance";
import { addressOf, type Remote, rawSha256 } from "@remote-log/core";
import { createStandalone, standaloneName } from "@remote-log/create-adapter";
import { beforeEach, expect, test } from "vitest";
import { run } from "./programs.ts";
import { linkModules, repository, temporaryFolder } from "./temporary-folder.ts";

let folder: string;

beforeEach(async () => {
  folder = await createStandalone(standaloneName("@you/remote-log-key-value"), await temporaryFolder());
});

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

test("its sources pass every case of the suite that applies to what it declares", async () => {
  await linkModules(folder);
  const { keyValueNames, keyValueStorage } = await import(/* @vite-ignore */ join(folder, "src/index.ts"));
  const services = new Map<string, Map<string, never>>();
  const open: ConformanceFixture["create"] = async ({ namespace }) => {
    const service = services.get(namespace) ?? new Map<string, never>();
    services.set(namespace, service);
    return { storage: keyValueStorage({ service }), names: keyValueNames({ service }) };
  };
  const report = await checkConformance({ name: "as generated", create: open, reopen: open });
  expect(report.conformant && report.expected, formatReport(report)).toBe(true);
  // Skipped is what it does not declare, and what no map can do, such as failing.
  const owed = /needs (storage|names|storage\.delete|storage\.close|names\.atomic|names\.close|reopen),/;
  expect(report.results.filter(({ reason }) => owed.test(reason))).toEqual([]);
  expect(report.results.filter(({ status }) => status === "passed").length).toBeGreaterThan(80);
});

test("its own `npm test` compiles it, and passes", async () => {
  await linkModules(folder);
  const { exitCode, output } = await run("npm", ["test"], folder);
  expect(exitCode, output).toBe(0);
  expect(output).toContain("CAS-PUT-01 MUST");
  expect(output).toContain("status 507 becomes ERR_QUOTA");
  expect(output).toContain("status 413 becomes ERR_TOO_LARGE");
  expect(output).toMatch(/^(#|ℹ) fail 0$/m);
  expect(Number(/^(?:#|ℹ) pass (\d+)$/m.exec(output)?.[1])).toBeGreaterThan(80);
}, 60_000);

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
  await writeFile(
    path,
    sound.replace("if (status === 404) return false;", "if (status === 404) return true;"),
  );
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
