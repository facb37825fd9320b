import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type ConformanceFixture,
  checkConformance,
  conformanceCases,
  formatReport,
} from "@remote-log/conformance";
import { addressOf, type Remote, rawSha256, type StorageBackend } from "@remote-log/core";
import { defineKeyValue, type KeyValueDriver } from "@remote-log/core/adapter";
import { sample, whole } from "@remote-log/test-kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KeyValueService, startKeyValueService } from "./key-value-service.ts";

/** How long a test may take before it counts as hanging, in milliseconds. */
const HANG_MS = 600_000;

/** How many cases of the suite the guide's adapter is tried with while somebody waits. */
const GUIDE_CASES = 45;

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const text = readFileSync(join(root, "docs/write-an-adapter.md"), "utf8");

/** The adapter is a block like every other; fences of tildes hold the files that import it, each with its name. */
const adapter = /^```ts\n(import \* as adapter[\s\S]*?)^```$/m.exec(text)![1]!;
const files = new Map(
  [...text.matchAll(/^~~~\w+ (\S+)\n([\s\S]*?)^~~~$/gm)].map(([, name, code]) => [name!, code!]),
);
files.set("key-value.ts", adapter);

let service: KeyValueService;
let folder: string;

beforeAll(async () => {
  service = await startKeyValueService();
  // Inside the repository, so that packages are found as in an application that depends on them.
  await mkdir(join(root, "examples/.blocks"), { recursive: true });
  folder = await mkdtemp(join(root, "examples/.blocks/adapter-"));
  for (const [name, code] of files) await writeFile(join(folder, name), code);
  process.env["KV_URL"] = service.url;
});

afterAll(async () => {
  delete process.env["KV_URL"];
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Imports one of the files. */
async function load<T>(name: string): Promise<T> {
  return (await import(/* @vite-ignore */ join(folder, name))) as T;
}

test("the page holds the adapter, a list, the fixture, a test for each runner, and a program for rlog", () => {
  expect([...files.keys()].sort()).toEqual([
    "conformance.test.js",
    "conformance.test.ts",
    "fixture.ts",
    "key-value.ts",
    "list.ts",
    "rlog-kv.ts",
  ]);
});

test("the adapter has at most 60 lines of code", () => {
  const lines = adapter.split("\n").filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line));
  expect(lines.length).toBeLessThanOrEqual(60);
  expect(lines.length).toBeGreaterThan(40);
});

test("the adapter passes every case of the suite that applies, over its real service", async () => {
  const { fixture } = await load<{ fixture: ConformanceFixture }>("fixture.ts");
  const ids = conformanceCases.map(({ id }) => id);
  const report = await checkConformance(
    fixture,
    whole ? {} : { only: sample("the guide", ids, GUIDE_CASES) },
  );
  const binding = report.results.filter(({ level }) => level !== "MAY");
  expect(
    binding.filter(({ status }) => status !== "passed" && status !== "skipped"),
    formatReport(report),
  ).toEqual([]);
  // Skipped is what it does not declare, and nothing that its fixture owes.
  const owed =
    /opens no `(storage|names)`|gives no `(reopen|faults)`|compareAndSet is "none"|not among the `kinds`/;
  expect(binding.filter(({ reason }) => owed.test(reason))).toEqual([]);
  expect(report.results.length).toBe(whole ? conformanceCases.length : GUIDE_CASES);
  expect(report.conformant && report.expected).toBe(true);
});

test("an adapter that takes the service's 401 for out of reach does not pass with this fixture", async () => {
  const meaning = "adapter.kindOfStatus(error.status)";
  const wrong = adapter.replace(meaning, `(error.status === 401 ? "unreachable" : ${meaning})`);
  expect(wrong).not.toBe(adapter);
  await writeFile(join(folder, "wrong.ts"), wrong);
  await writeFile(
    join(folder, "wrong-fixture.ts"),
    files.get("fixture.ts")!.replace("./key-value.ts", "./wrong.ts"),
  );
  const { fixture } = await load<{ fixture: ConformanceFixture }>("wrong-fixture.ts");
  const { results } = await checkConformance(fixture, { only: ["CAS-FAULT-07", "NS-FAULT-03"] });
  expect(results.map(({ status, reason }) => [status, reason])).toEqual([
    ["failed", expect.stringContaining("ERR_DENIED")],
    ["failed", expect.stringContaining("ERR_DENIED")],
  ]);
});

test("an address and a namespace are as long as the page says", async () => {
  const address = String(await addressOf(new Uint8Array(1), rawSha256));
  expect(text).toContain("An address is 59 characters, of a–z and 2–7;");
  expect(address).toMatch(/^[a-z2-7]{59}$/);
  expect(text).toContain("a namespace has up to about 50 letters, digits and hyphens.");
  const namespaces: string[] = [];
  const fixture: ConformanceFixture = {
    name: "namespaces",
    create: async ({ namespace }) => {
      namespaces.push(namespace);
      return {};
    },
  };
  await checkConformance(fixture);
  expect(namespaces.length).toBe(conformanceCases.length);
  expect(namespaces.filter((namespace) => !/^[a-z\d-]{1,52}$/i.test(namespace))).toEqual([]);
  expect(Math.max(...namespaces.map(({ length }) => length))).toBeGreaterThan(44);
});

async function all<T>(things: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const thing of things) found.push(thing);
  return found;
}

interface List {
  readonly keysOf: (
    listPage: (after: string) => Promise<{ keys: readonly string[]; more: boolean }>,
    prefix: string,
  ) => AsyncGenerator<string>;
}

test("with its list the adapter passes the cases about lists, over many pages of the real service", async () => {
  const { keysOf } = await load<List>("list.ts");
  const { keyValueDriver } = await load<{ keyValueDriver: (options: object) => KeyValueDriver }>(
    "key-value.ts",
  );
  const open = (namespace: string): StorageBackend => {
    const start = `${namespace}-`;
    const driver = keyValueDriver({ url: `${service.url}${start}` });
    const listPage = async (after: string) => (await fetch(`${service.url}?after=${after}`)).json();
    const list = async function* (prefix: string) {
      for await (const key of keysOf(listPage, start + prefix)) yield key.slice(start.length);
    };
    return defineKeyValue({
      ...driver,
      can: { ...driver.can, list: true },
      open: async (...opening) => ({ ...(await driver.open(...opening)), list }),
    }).storage;
  };
  const storage = open("many");
  const contents = Array.from({ length: 250 }, (_, i) => new TextEncoder().encode(`content ${i}`));
  const put = await Promise.all(contents.map((content) => storage.put(content)));
  const listed = await all(storage.list!());
  expect(listed.map(String).sort()).toEqual(put.map(String).sort());
  const create: ConformanceFixture["create"] = async ({ namespace }) => ({ storage: open(namespace) });
  const report = await checkConformance(
    { name: "with a list", create },
    { only: ["CAS-LIST", "CAS-DELETE"] },
  );
  expect(report.expected, formatReport(report)).toBe(true);
  expect(report.results.filter(({ status }) => status === "passed").length).toBeGreaterThanOrEqual(4);
});

test.each([
  ["repeats itself", ["a", "b"]],
  ["goes back", ["a"]],
  ["is empty", []],
])("a list whose next page %s, with more to come, ends with ERR_UNREACHABLE", async (_, keys) => {
  const { keysOf } = await load<List>("list.ts");
  let asked = 0;
  const pages = [["a", "b"], keys];
  const listing = all(
    keysOf(async () => ({ keys: pages[asked++] ?? expect.fail("asked for ever"), more: true }), ""),
  );
  await expect(listing).rejects.toMatchObject({ code: "ERR_UNREACHABLE", operation: "storage.list" });
  expect(asked).toBe(2);
});

test("compiled with the settings of the template, they run under node --test and from the command line", async () => {
  const settings = join(root, "packages/create-adapter/template/standalone/_tsconfig.json");
  const { compilerOptions } = JSON.parse(readFileSync(settings, "utf8"));
  const here = { rootDir: ".", outDir: ".", types: ["node"] };
  const project = {
    compilerOptions: { ...compilerOptions, ...here },
    files: ["key-value.ts", "fixture.ts", "list.ts"],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(project));
  await node([join(root, "node_modules/typescript/bin/tsc"), "-p", folder]);
  const test = [
    "--test",
    "--test-reporter=tap",
    "--test-name-pattern=DECL",
    join(folder, "conformance.test.js"),
  ];
  expect(await node(test)).toMatch(/ok \d+ - NS-DECL-02[\s\S]*# fail 0\n/);
  const command = join(root, "packages/conformance/dist/cli.js");
  await node([command, "./fixture.js", "--only", "CAS-DECL,NS-DECL", "--report", "report.json"]);
  const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
  expect(report).toMatchObject({ adapter: { name: "key-value" } });
});

test("a server of the fixture that is ended in onReport keeps no node --test alive", async () => {
  expect(text).toContain("runConformance(fixture, { onReport: () => server.stop() })");
  const program = `import { createServer } from "node:http";
import { runConformance } from "@remote-log/conformance/node-test";
import { memoryStorage } from "@remote-log/memory";

const listening = createServer().listen(0, "127.0.0.1");
const server = { stop: () => new Promise((resolve) => listening.close(resolve)) };
const fixture = { name: "memory", create: async () => ({ storage: memoryStorage() }) };
runConformance(fixture, { only: ["CAS-DECL"], onReport: () => server.stop() });
`;
  await writeFile(join(folder, "server.test.js"), program);
  expect(await node(["--test", "--test-reporter=tap", join(folder, "server.test.js")])).toMatch(/# fail 0\n/);
});

test("the adapter runs under vitest", async () => {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const output = await node([
    vitest,
    "run",
    "--root",
    root,
    "-t",
    "DECL",
    join(folder, "conformance.test.ts"),
  ]);
  expect(output).toMatch(/Test Files +1 passed/);
});

test("rlog knows the adapter's kind of remote", async () => {
  const state = await mkdtemp(join(tmpdir(), "remote-log-docs-"));
  const { argv, exitCode } = process;
  try {
    process.argv = [
      "node",
      "rlog-kv.ts",
      "init",
      "--dir",
      join(state, "log"),
      "--remote",
      "kv://store.example/my-log",
    ];
    await load("rlog-kv.ts");
    expect(process.exitCode).toBe(0);
    const { remotes } = JSON.parse(readFileSync(join(state, "log/config.json"), "utf8"));
    expect(Object.values(remotes)).toEqual(["kv://store.example/my-log"]);
  } finally {
    process.argv = argv;
    process.exitCode = exitCode;
    await rm(state, { recursive: true, force: true });
  }
});

test("the service's own refusals, denied, too large and no room, come out as what they are", async () => {
  const { keyValueRemote } = await load<{ keyValueRemote: (options: object) => Remote }>("key-value.ts");
  const small = await startKeyValueService({ room: 1000 });
  const guarded = await startKeyValueService({ token: "made up" });
  try {
    const denied = keyValueRemote({ url: guarded.url });
    await expect(denied.storage.put(new Uint8Array(1))).rejects.toMatchObject({ code: "ERR_DENIED" });
    await expect(denied.names.resolve("name")).rejects.toMatchObject({ code: "ERR_DENIED" });
    const { storage, names } = keyValueRemote({ url: small.url, largestContent: 2 ** 21 });
    const tooLarge = new Uint8Array(2 ** 20 + 1);
    await expect(storage.put(tooLarge)).rejects.toMatchObject({
      code: "ERR_TOO_LARGE",
      operation: "storage.put",
    });
    await expect(storage.put(new Uint8Array(1001))).rejects.toMatchObject({ code: "ERR_QUOTA" });
    const creating = names.update("name", new Uint8Array(1001), { expected: null });
    await expect(creating).rejects.toMatchObject({ code: "ERR_QUOTA", operation: "names.update" });
  } finally {
    await small.stop();
    await guarded.stop();
  }
});

/** Runs a program of Node to its end, without the settings of the runner around it; throws with what it printed. */
async function node(words: string[]): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|TEST_REPORT|NODE_OPTIONS|NODE_TEST_CONTEXT|FORCE_COLOR)/.test(name),
    ),
  );
  const { stdout } = await run(process.execPath, words, {
    env: { ...env, NO_COLOR: "1" },
    cwd: folder,
    timeout: HANG_MS / 2, // What does not end by itself is ended, before the test is.
  }).catch((error: unknown) => {
    const { stdout: output, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${output}${stderr}`, { cause: error });
  });
  return stdout;
}
