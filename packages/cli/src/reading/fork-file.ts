// `fork-<log id>.json`: the proof of a fork, in a file that `rlog verify-fork` checks.

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
  const { genesis, smaller, larger, path } = evidence;
  const text = JSON.stringify(
    { type: TYPE, genesis: hexOf(genesis), smaller, larger, path: path.map(hexOf) },
    null,
    2,
  );
  const file = join(folder, `fork-${logId}.json`);
  await writeFile(file, `${text}\n`);
  return file;
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
  const { type, genesis, smaller, larger, path } = read as Record<string, unknown>;
  if (type !== TYPE) throw unusable(file, `its type is not ${TYPE}`);
  if (typeof smaller !== "string" || typeof larger !== "string")
    throw unusable(file, "a checkpoint is missing");
  if (!Array.isArray(path) || path.length > 64) throw unusable(file, "its path is wrong");
  const bytesOf = (value: unknown): Uint8Array => {
    if (typeof value === "string" && /^([0-9a-f]{2})*$/.test(value)) {
      return new Uint8Array(Buffer.from(value, "hex"));
    }
    throw unusable(file, "a value is not hexadecimal");
  };
  return { genesis: bytesOf(genesis), smaller, larger, path: path.map(bytesOf) };
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
