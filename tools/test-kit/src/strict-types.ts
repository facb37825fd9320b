// What the compiler says of a program that uses a package, under the strictest settings that an application has.

import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const settings = [
  ..."--noEmit --strict --exactOptionalPropertyTypes --allowImportingTsExtensions --skipLibCheck".split(" "),
  ..."--target es2022 --module esnext --moduleResolution bundler".split(" "),
  ..."--customConditions @remote-log/source --lib es2023,esnext.disposable,dom --types node".split(" "),
  "--ignoreConfig",
];

/**
 * Type-checks a program against the sources of this repository.
 *
 * @param folder - of the package whose dependencies the program imports, from the root of the repository
 * @param program - TypeScript
 * @returns what the compiler printed; empty if it found nothing wrong
 */
export async function strictTypeErrors(folder: string, program: string): Promise<string> {
  // Inside the package, so that what it depends on is found.
  const cache = join(root, folder, "node_modules/.cache/remote-log");
  const file = join(cache, `strict-types-${process.pid}-${Date.now()}.ts`);
  await mkdir(cache, { recursive: true });
  await writeFile(file, program);
  try {
    const { stdout } = await promisify(execFile)(join(root, "node_modules/.bin/tsc"), [...settings, file]);
    return stdout;
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (stdout === undefined || stdout === "") throw error;
    return stdout;
  } finally {
    await rm(file);
  }
}
