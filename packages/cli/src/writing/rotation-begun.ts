// `rotation` in the writer's folder: a change of the signing key that has begun, until readers see it. So the same command, called
// again, finishes the one that was cut, and does not begin another.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../errors/command-error.ts";
import { replaceFile } from "./durable-files.ts";
import { readOwn } from "./writer-config.ts";

const FILE = "rotation";

/** How often the key of a log will have been replaced by the rotation that has begun; `undefined` if none has. */
export async function rotationBegun(folder: string): Promise<number | undefined> {
  let text: string;
  try {
    text = await readOwn(folder, FILE);
  } catch (error) {
    if (error instanceof CommandError && error.code === "ERR_NO_LOG") return undefined;
    throw error;
  }
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/** Notes that a rotation has begun. Durable when it resolves. */
export async function beginRotation(folder: string, replaced: number): Promise<void> {
  await replaceFile(folder, FILE, `${replaced}\n`);
}

/** Notes that readers see the rotation, if there was one. */
export async function endRotation(folder: string): Promise<void> {
  await rm(join(folder, FILE), { force: true });
}
