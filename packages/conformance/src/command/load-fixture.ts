/// <reference types="node" />
// Finds the module that the command was given, and takes the fixture out of it.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { check } from "../assert.ts";
import { checkFixture } from "../check-fixture.ts";
import type { ConformanceFixture } from "../fixture.ts";
import { UsageError } from "./options.ts";

/**
 * Takes the fixture out of a module.
 *
 * @param specifier - a path, a URL, or the name of a package
 * @throws UsageError if there is no such module, or no fixture in it
 */
export async function loadFixture(specifier: string): Promise<ConformanceFixture> {
  const module = await load(specifier);
  const exported = module["default"] ?? module["fixture"];
  if (exported === undefined) {
    const found = Object.keys(module).join(", ") || "nothing";
    throw new UsageError(`${specifier} exports no fixture, by default or as "fixture"; it exports ${found}.`);
  }
  const made: unknown = typeof exported === "function" ? await (exported as () => unknown)() : exported;
  checkFixture(made, specifier);
  return made;
}

async function load(specifier: string): Promise<Record<string, unknown>> {
  try {
    return (await import(addressOfModule(specifier))) as Record<string, unknown>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_UNKNOWN_FILE_EXTENSION" && /\.[mc]?tsx?$/.test(specifier)) {
      throw new UsageError(
        `${specifier} is TypeScript, which Node.js ${process.versions.node} does not run. Compile it and name the ` +
          "JavaScript, use Node.js from 22.18, or run the suite in your tests with @remote-log/conformance/vitest.",
        { cause: error },
      );
    }
    throw new UsageError(`${specifier} can't be loaded: ${message}`, { cause: error });
  }
}

/** The URL of a module that is named by a path, a URL or the name of a package. */
function addressOfModule(specifier: string): string {
  if (/^(file|data|node):/.test(specifier)) return specifier;
  const path = resolve(specifier);
  if (/^\.{0,2}[/\\]/.test(specifier) || existsSync(path)) {
    check(existsSync(path), `there is no such file`);
    return pathToFileURL(path).href;
  }
  // Found from where the command runs, not from where the suite is installed.
  return pathToFileURL(createRequire(resolve("package.json")).resolve(specifier)).href;
}
