// `fork-<log id>.json` and `former-key-<log id>.json`: the proof of a fork, or of what a former key signed, in a file that
// `rlog verify-fork` checks.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ForkEvidence } from "@remote-log/core";
import { CommandError } from "../errors/command-error.ts";
import { exitCodes } from "../errors/exit-codes.ts";
import { readText, UnusableFile } from "../files/read-text.ts";

const TYPE = "remote-log/fork@v1";
/** The longest file that is read, in bytes. */
const LARGEST_FILE = 2 ** 20;

/**
 * Writes the proof of a fork to a file that anyone can check: JSON, byte arrays in hex.
 *
 * @returns the path of the file
 */
export async function writeForkFile(folder: string, logId: string, evidence: ForkEvidence): Promise<string> {
  const file = join(folder, `fork-${logId}.json`);
  await writeFile(file, textOf(evidence));
  return file;
}

/**
 * Writes the proofs that former keys of a log signed what is not part of it, each to a file as {@link writeForkFile} does.
 *
 * @returns the paths of the files that were not there before, or held something else
 */
export async function writeFormerKeyFiles(
  folder: string,
  logId: string,
  proofs: readonly ForkEvidence[],
): Promise<string[]> {
  const written: string[] = [];
  for (const [i, evidence] of proofs.entries()) {
    const file = join(folder, `former-key-${logId}${i === 0 ? "" : `-${i + 1}`}.json`);
    const text = textOf(evidence);
    if ((await readText(file, LARGEST_FILE).catch(() => undefined)) === text) continue;
    await writeFile(file, text);
    written.push(file);
  }
  return written;
}

function textOf({ genesis, successions, smaller, larger, path }: ForkEvidence): string {
  const proof = { type: TYPE, genesis: hexOf(genesis), successions, smaller, larger, path: path.map(hexOf) };
  return `${JSON.stringify(proof, null, 2)}\n`;
}

/**
 * Reads a file that {@link writeForkFile} wrote. Does not verify the proof.
 *
 * @throws CommandError `ERR_FORK_FILE`
 */
export async function readForkFile(file: string): Promise<ForkEvidence> {
  const text = await readText(file, LARGEST_FILE).catch((error: unknown) => {
    throw error instanceof UnusableFile ? unusable(file, error.message, error) : error;
  });
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw unusable(file, "it is not JSON", cause);
  }
  if (typeof read !== "object" || read === null) throw unusable(file, "it is not a JSON object");
  const { type, genesis, successions, smaller, larger, path } = read as Record<string, unknown>;
  if (type !== TYPE) throw unusable(file, `its type is not ${TYPE}`);
  if (typeof smaller !== "string" || typeof larger !== "string")
    throw unusable(file, "a checkpoint is missing");
  if (!Array.isArray(path) || path.length > 64) throw unusable(file, "its path is wrong");
  if (successions !== undefined && !isNotes(successions)) throw unusable(file, "its successions are wrong");
  const bytesOf = (value: unknown): Uint8Array => {
    if (typeof value === "string" && /^([0-9a-f]{2})*$/.test(value)) {
      return new Uint8Array(Buffer.from(value, "hex"));
    }
    throw unusable(file, "a value is not hexadecimal");
  };
  return {
    genesis: bytesOf(genesis),
    ...(successions !== undefined && { successions }),
    ...{ smaller, larger, path: path.map(bytesOf) },
  };
}

// The key of a log can be replaced 255 times.
function isNotes(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= 255 && value.every((note) => typeof note === "string");
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function unusable(file: string, why: string, cause?: unknown): CommandError {
  return new CommandError(
    "ERR_FORK_FILE",
    `${file} is not a proof of a fork: ${why}.`,
    exitCodes.refused,
    cause,
  );
}
