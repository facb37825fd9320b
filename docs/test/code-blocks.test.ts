import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, promisify } from "node:util";
import { sample, whole, wholeSuite } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const documents = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
})
  .toString()
  .split("\n")
  .filter((path) => path.endsWith(".md") && !/^\.changeset|CHANGELOG|vectors|template/.test(path));

interface Block {
  readonly document: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

const blocks = documents.flatMap(blocksOf);
// Commands of the repository itself: their own tests, or CI, run them.
const own = /^npx -y pnpm@|^pnpm |^npm install /;

let folder: string;
let home: string;

beforeEach(async () => {
  home = process.cwd();
  // Inside the repository, so that packages are found as in an application that depends on them.
  await mkdir(join(root, "examples/.blocks"), { recursive: true });
  folder = await mkdtemp(join(tmpdir(), "remote-log-docs-"));
  process.chdir(folder);
});

afterEach(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true, force: true });
});

test("every code block names its language, so that it is known how to run it", () => {
  // Pages are opened in a browser, by tests of their own.
  const languages = ["js", "ts", "sh", "json", "proto", "text", "html"];
  expect(blocks.filter(({ language }) => !languages.includes(language))).toEqual([]);
});

/** The runner that a block's code is for, if it is for one. */
const runnerOf = ({ code }: Block) => /conformance\/(vitest|node-test)"/.exec(code)?.[1];

const modules = blocks.filter(({ language }) => language === "js" || language === "ts");
const forRunners = sample(
  "runners",
  modules.filter((block) => runnerOf(block) !== undefined),
  1,
);

for (const block of modules) {
  // All cases on memory take ten seconds: another file runs them. A runner takes seconds to start.
  const runner = runnerOf(block);
  const waits =
    (!whole && /^const report = await checkConformance\(\w+\)/m.test(block.code)) ||
    (runner !== undefined && !forRunners.includes(block));
  test.skipIf(waits)(`the code at ${block.document}:${block.line} runs`, wholeSuite, async () => {
    const ending = { vitest: ".test.ts", "node-test": ".mjs" }[runner ?? ""] ?? ".ts";
    const file = join(
      root,
      "examples/.blocks",
      `${block.document.replaceAll(/\W/g, "-")}-${block.line}${ending}`,
    );
    await writeFile(file, `${block.code}\nexport {};\n`);
    try {
      // Code for a test runner runs in a runner of its own; the whole suite on memory in `pnpm test:all` only.
      const vitest = join(root, "node_modules/vitest/vitest.mjs");
      const part = (option: string) => (whole ? [] : [`${option}=-DECL-`]);
      if (runner === "vitest") {
        const words = [vitest, "run", "--root", root, ...part("--testNamePattern"), file];
        expect(await run(process.execPath, words)).toBe("done");
      } else if (runner === "node-test")
        expect(await run(process.execPath, [...part("--test-name-pattern"), file])).toBe("done");
      else await runTwice(block, file);
    } finally {
      await rm(file);
    }
  });
}

/** Runs a block, and if it writes a log, once more: people run an example twice, and it must lead on to the same log. */
async function runTwice({ code }: Block, file: string): Promise<void> {
  const first = await printedBy(file);
  if (!/Seed\(|Level\(/.test(code)) return;
  const again = file.replace(/\.ts$/, "-again.ts");
  await copyFile(file, again);
  try {
    const second = await printedBy(again);
    if (code.includes("loadOrCreateSeed")) expect(second.slice(0, first.length)).toEqual(first);
  } finally {
    await rm(again);
  }
}

test("an example whose journal is for a disk takes its seed from where it is kept", () => {
  const forDisk = modules.filter(({ code }) => /journal: .*(Classic|Browser)Level/.test(code));
  expect(forDisk.length).toBeGreaterThan(2);
  expect(forDisk.filter(({ code }) => code.includes("generateSeed")).map(({ document }) => document)).toEqual(
    [],
  );
});

for (const document of documents) {
  const commands = blocks.filter((block) => block.document === document && block.language === "sh");
  // A document's commands are one story: later ones build on earlier ones.
  const story = commands.map(({ code }) => code).filter((code) => !own.test(code));
  if (story.length === 0) continue;
  test(`the commands in ${document} run, one after the other`, wholeSuite, async () => {
    const bin = join(folder, "bin");
    await mkdir(bin);
    for (const [name, program] of [
      ["rlog", "packages/cli/dist/bin.js"],
      ["remote-log-conformance", "packages/conformance/dist/cli.js"],
    ] as const) {
      await writeFile(
        join(bin, name),
        `#!/bin/sh\nexec "${process.execPath}" "${join(root, program)}" "$@"\n`,
      );
      await chmod(join(bin, name), 0o755);
    }
    // Modules that the commands write find the packages as in an application that depends on them.
    await symlink(join(root, "examples/node_modules"), join(folder, "node_modules"));
    const environment = {
      ...process.env,
      HOME: folder,
      XDG_STATE_HOME: join(folder, "state"),
      PATH: `${bin}${delimiter}${process.env["PATH"]}`,
    };
    expect(await run("bash", ["-euo", "pipefail", "-c", story.join("\n")], environment)).toBe("done");
  });
}

test("every block of JSON in the docs is JSON", () => {
  for (const { code } of blocks.filter(({ language }) => language === "json")) {
    expect(JSON.parse(code)).toBeDefined();
  }
});

test("every command of the repository that the docs show exists", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const shown = blocks
    .filter(({ language, code }) => language === "sh" && /pnpm/.test(code))
    .flatMap(({ code }) =>
      [...code.matchAll(/pnpm(?:@[\d.]+)? (?:-s )?(?:run )?([a-z:]+)/g)].map(([, name]) => name),
    );
  const builtIn = ["install", "exec", "vitest", "changeset"];
  expect(shown.filter((name) => !(name! in scripts) && !builtIn.includes(name!))).toEqual([]);
});

test("every link in the docs to a file of the repository leads to one", () => {
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root })
    .toString()
    .split("\n");
  const broken = documents.flatMap((document) =>
    [...readFileSync(join(root, document), "utf8").matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, link]) => join(document, "..", link!).replace(/\/$/, ""))
      .filter((path) => !files.some((file) => file === path || file.startsWith(`${path}/`)))
      .map((path) => `${document} → ${path}`),
  );
  expect(broken).toEqual([]);
});

/** Runs a module, and returns what it printed, a text a line. */
async function printedBy(file: string): Promise<string[]> {
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  try {
    await expect(import(/* @vite-ignore */ file)).resolves.toBeDefined();
    return printed.mock.calls.map((values) => format(...values));
  } finally {
    printed.mockRestore();
  }
}

/** Runs a program to its end; if it fails, throws with what it printed. */
async function run(
  command: string,
  options: string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<"done"> {
  // A runner that is started by another one must not take over its settings.
  const env = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(VITEST|TEST_REPORT)/.test(name)),
  );
  // Not in one call that blocks: the test runner takes a worker that says nothing for a minute for a dead one.
  const running = promisify(execFile)(command, options, { env, maxBuffer: 2 ** 26 });
  running.child.stdin?.end();
  await running;
  return "done";
}

function blocksOf(document: string): Block[] {
  const found: Block[] = [];
  let open: { line: number; language: string; code: string[] } | undefined;
  readFileSync(join(root, document), "utf8")
    .split("\n")
    .forEach((text, i) => {
      const fence = /^\s*```(\S*)/.exec(text);
      if (fence === null) open?.code.push(text);
      else if (open === undefined) open = { line: i + 1, language: fence[1]!, code: [] };
      else {
        found.push({ document, line: open.line, language: open.language, code: open.code.join("\n") });
        open = undefined;
      }
    });
  return found;
}
