// What ends by itself after the tests of a file. Import it at the top of a test file or of a module that one imports.

import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import {
  type Script,
  type ScriptedServer,
  type ScriptedServerOptions,
  startScriptedServer,
} from "./scripted-server.ts";

export type { HonestAnswer } from "./hostile/hostile-server.ts";
export { hostileTable } from "./hostile/hostile-tests.ts";
export { unknownOutcomes } from "./unknown-outcomes.ts";

const ends: (() => unknown)[] = [];

afterAll(async () => {
  const errors: unknown[] = [];
  for (const end of ends.splice(0).reverse()) {
    try {
      await end();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
});

/**
 * Does something after the last test of the file, the last of such things first. All of them run, also if one fails;
 * then the file fails. Other than `afterAll`, it may be called within a test.
 */
export function atEnd(end: () => unknown): void {
  ends.push(end);
}

/** A new empty folder, removed after the tests of the file. Its path has no symbolic links. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "remote-log-test-")));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** {@link startScriptedServer}, stopped after the tests of the file. */
export async function scriptedServer(
  script?: Script,
  options?: ScriptedServerOptions,
): Promise<ScriptedServer> {
  const server = await startScriptedServer(script, options);
  atEnd(() => server.stop());
  return server;
}
