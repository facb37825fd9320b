// Test set: mixed
import { execFileSync } from "node:child_process";
import { chmod, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { goOrSkip, programs } from "../src/availability.ts";
import { provideBinary } from "../src/binary.ts";
import { cacheFolder } from "../src/cached-build.ts";
import { type GoProgram, readGoModule } from "../src/go-program.ts";
import { goProblem } from "../src/go-toolchain.ts";
import { ServerError } from "../src/server-error.ts";
import { setVariable, temporaryFolder } from "./processes.ts";

const { skip } = await goOrSkip("1.25.0");

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

/** A Go module in a folder, as a program. */
async function program(main: string, requires = ""): Promise<GoProgram> {
  await writeFile(join(folder, "go.mod"), `module example.test/small\n\ngo 1.25.0\n${requires}`);
  await writeFile(join(folder, "main.go"), main);
  return {
    name: "small",
    folder,
    package: ".",
    module: "golang.org/x/mod",
    variable: "SMALL_BINARY",
    takes: "no time",
  };
}

/** Time for a Go that has not built its standard library yet. */
const COLD = 600_000;

/** Go's own cache, which follows `XDG_CACHE_HOME`, too. */
const compiled = skip ? "" : execFileSync("go", ["env", "GOCACHE"], { encoding: "utf8" }).trim();

const REQUIRES = "\nrequire golang.org/x/mod v0.42.0\n";

/** Puts a program called `go` in the place of Go. */
async function pretendGo(...lines: string[]): Promise<void> {
  const path = join(await temporaryFolder(), "go");
  await writeFile(path, `#!/bin/sh\n${lines.map((line) => `echo ${line}`).join("\n")}\n`);
  await chmod(path, 0o755);
  setVariable("PATH", `${join(path, "..")}:/bin:/usr/bin`);
}

describe.each(Object.values(programs))("the module of $name", (listed) => {
  test("pins its version and has the hash of it", async () => {
    const module = await readGoModule(listed);
    expect(module.version).toMatch(/^v\d+\.\d+\.\d+/);
    const sums = await readFile(join(module.folder, "go.sum"), "utf8");
    expect(sums).toContain(`${listed.module} ${module.version} h1:`);
    expect(module.key).toContain(`${listed.name}-${module.version}-`);
  });

  test("has another key as soon as one of its files is another", async () => {
    const { key, folder: original } = await readGoModule(listed);
    await cp(original, folder, { recursive: true });
    expect((await readGoModule({ ...listed, folder })).key).toBe(key);
    await writeFile(join(folder, "go.sum"), "", { flag: "a" });
    expect((await readGoModule({ ...listed, folder })).key).toBe(key);
    await writeFile(join(folder, "go.sum"), "\n", { flag: "a" });
    expect((await readGoModule({ ...listed, folder })).key).not.toBe(key);
  });
});

test("a module has the key of the files that Go reads, whatever else is beside them", async () => {
  const small = await program("package main\n\nfunc main() {}\n", REQUIRES);
  const { key, files } = await readGoModule(small);
  expect(files).toEqual(["go.mod", "main.go"]);
  await writeFile(join(folder, "README.md"), "What it is for.\n");
  await writeFile(join(folder, "main.go.orig"), "package nothing\n");
  await mkdir(join(folder, "notes"));
  expect(await readGoModule(small)).toMatchObject({ key, files });
  await writeFile(join(folder, "more.go"), "package main\n");
  const more = await readGoModule(small);
  expect(more.key).not.toBe(key);
  expect(more.files).toEqual(["go.mod", "main.go", "more.go"]);
});

describe("the Go of a machine", () => {
  test("is a problem if it is missing", async () => {
    setVariable("PATH", folder);
    expect(await goProblem("1.25.0")).toBe("Go is not installed");
  });

  test("is a problem if it is too old and may not fetch a newer one", async () => {
    await pretendGo("go1.24.9", "local");
    expect(await goProblem("1.25.0")).toBe("Go 1.25.0 or newer is needed, and this is go1.24.9");
    expect(await goProblem("1.24.9")).toBeUndefined();
    expect(await goProblem("1.24.10")).toContain("1.24.10");
  });

  test("is no problem if it is older and fetches a newer one", async () => {
    await pretendGo("go1.21.0", "auto");
    expect(await goProblem("1.25.0")).toBeUndefined();
    await pretendGo("go1.20.14", "auto");
    expect(await goProblem("1.25.0")).toContain("go1.20.14");
  });
});

describe("a Go program", () => {
  beforeEach(async () => {
    setVariable("GOCACHE", compiled);
    setVariable("XDG_CACHE_HOME", await temporaryFolder());
  });
  const quiet = { notice: (): void => undefined };

  test.skipIf(skip)(
    "that does not compile is told with what the compiler says",
    async () => {
      const small = await program("package main\n\nfunc main() { return 7 }\n", REQUIRES);
      const error = (await provideBinary(small, quiet).catch((reason: unknown) => reason)) as ServerError;
      expect(error).toBeInstanceOf(ServerError);
      expect(error.code).toBe("ERR_SERVER_BUILD");
      expect(error.message).toContain("The build of small by go failed");
      expect(error.message).toMatch(/main\.go:3:\d+: too many return values/);
    },
    COLD,
  );

  test.skipIf(skip)(
    "is not built from modules that go.sum has no hash of",
    async () => {
      const main =
        'package main\n\nimport "golang.org/x/mod/semver"\n\nfunc main() { println(semver.Max("", "")) }\n';
      const small = await program(main, REQUIRES);
      await expect(provideBinary(small, quiet)).rejects.toThrow(/missing go.sum entry/);
      expect((await readdir(folder)).sort()).toEqual(["go.mod", "main.go"]);
    },
    COLD,
  );

  test.skipIf(skip)(
    "is built from the files that are in its key, and from no other",
    async () => {
      const main =
        'package main\n\nimport _ "embed"\n\n//go:embed said.txt\nvar said string\n\nfunc main() { println(said) }\n';
      const small = await program(main, REQUIRES);
      await writeFile(join(folder, "said.txt"), "something that a key does not count");
      await expect(provideBinary(small, quiet)).rejects.toThrow(/said\.txt: no matching files found/);
    },
    COLD,
  );

  test.skipIf(skip)(
    "is built and put in the cache",
    async () => {
      const small = await program('package main\n\nfunc main() { println("it runs") }\n', REQUIRES);
      const binary = await provideBinary(small, quiet);
      const { key } = await readGoModule(small);
      expect(binary).toEqual({ path: join(cacheFolder(), key, "small"), version: "v0.42.0" });
    },
    COLD,
  );
});
