// Programs that are built from a small Go module with pinned sums.

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildPlan } from "./cached-build.ts";

/**
 * A program that is built from a small Go module, whose go.mod and go.sum pin it and all that it is made of. Of its folder,
 * `go.mod`, `go.sum` and the `*.go` at the top count, and only those.
 */
export interface GoProgram {
  /** Name of the program and of the file that is built. */
  readonly name: string;
  /** Folder of the module. Default: `go/<name>` of this package. */
  readonly folder?: string;
  /** The package to build; `"."` for the module's own program. */
  readonly package: string;
  /** The required module whose version counts as the program's. */
  readonly module: string;
  /** The environment variable that names a binary to use instead. */
  readonly variable: string;
  /** How long a first build takes, for the person who waits. */
  readonly takes: string;
}

/** What the module of a program says. */
export interface GoModule {
  readonly folder: string;
  /** The files in it that Go reads, sorted. */
  readonly files: readonly string[];
  /** Version of the program, as go.mod requires it. */
  readonly version: string;
  /** The least version of Go, as go.mod says. */
  readonly go: string;
  /** `<name>-<version>-<hash>`: another one for other of these files, another system or another processor. */
  readonly key: string;
}

const READ_BY_GO = /^go\.(?:mod|sum)$|\.go$/;

/** Reads the module of a program. */
export async function readGoModule(program: GoProgram): Promise<GoModule> {
  const folder = program.folder ?? fileURLToPath(new URL(`../go/${program.name}`, import.meta.url));
  const text = await readFile(join(folder, "go.mod"), "utf8");
  const words = text.split("\n").map((line) =>
    line
      .trim()
      .replace(/^require\s+/, "")
      .split(/\s+/),
  );
  const version = words.find(([module]) => module === program.module)?.[1];
  const go = words.find(([word]) => word === "go")?.[1];
  if (version === undefined || go === undefined) {
    throw new TypeError(`${folder}/go.mod names no version of ${program.module}, or none of Go.`);
  }
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  const files = (await readdir(folder)).filter((name) => READ_BY_GO.test(name)).sort();
  for (const name of files) {
    const content = await readFile(join(folder, name));
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  const key = `${program.name}-${version}-${hash.digest("hex").slice(0, 12)}`;
  return { folder, files, version, go, key };
}

/** How the binary of a program is built: from exactly the modules that go.sum has the hashes of. */
export function goBuildPlan(program: GoProgram, module: GoModule): BuildPlan {
  return {
    name: program.name,
    key: module.key,
    sources: module.folder,
    files: module.files,
    command: "go",
    args: (output) => [
      "build",
      "-mod=readonly",
      "-trimpath",
      "-buildvcs=false",
      "-ldflags=-s -w",
      "-o",
      output,
      program.package,
    ],
    // The user's settings of proxies, caches and toolchain count; a target or a workspace is not for this.
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOOS: undefined, GOARCH: undefined },
    takes: program.takes,
  };
}
