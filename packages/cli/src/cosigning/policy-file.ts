// A policy in a file, and what it says of the states that were read: what `rlog verify --policy` prints.

import { hasCode, parseCheckpoint, parseSignedNote } from "@remote-log/core";
import { Policy, type PolicyReport, type PolicyVerdict } from "@remote-log/core/cosign";
import { CommandError } from "../errors/command-error.ts";
import { exitCodes } from "../errors/exit-codes.ts";
import { readText, UnusableFile } from "../files/read-text.ts";
import { counted } from "../terminal/counted.ts";

/** The longest policy and the longest checkpoint that are read, in bytes. */
const LONGEST = 65_536;

/**
 * Reads a policy.
 *
 * @throws CommandError `ERR_POLICY` if the file can't be used
 */
export async function readPolicyFile(path: string): Promise<Policy> {
  return reading(path, "a policy", (text) => new Policy(text));
}

/**
 * Reads a checkpoint that somebody cosigned.
 *
 * @throws CommandError `ERR_POLICY` if the file can't be used
 */
export async function readCheckpointFile(path: string): Promise<string> {
  return reading(path, "a checkpoint", (text) => {
    parseCheckpoint(parseSignedNote(text).text);
    return text;
  });
}

async function reading<T>(path: string, what: string, use: (text: string) => T): Promise<T> {
  try {
    return use(await readText(path, LONGEST));
  } catch (error) {
    if (error instanceof UnusableFile || hasCode(error, "ERR_MALFORMED")) {
      throw new CommandError(
        "ERR_POLICY",
        `${path} can't be used as ${what}: ${(error as Error).message}`,
        1,
        error,
      );
    }
    throw error;
  }
}

/**
 * The checkpoints that were read from remotes, newest first, and of those in files the ones that are of the same states. What is in a file
 * and of no state that was read is left out: nobody has shown that it is of this log's history.
 */
export function sameStates(read: readonly string[], inFiles: readonly string[]): readonly string[] {
  const texts = new Set(read.map((note) => parseSignedNote(note).text));
  const fitting = inFiles.filter((note) => texts.has(parseSignedNote(note).text));
  const sizeOf = (note: string): number => parseCheckpoint(parseSignedNote(note).text).size;
  return [...read, ...fitting].sort((a, b) => sizeOf(b) - sizeOf(a));
}

/** The lines about a policy. */
export function policyLines(policy: Policy, { newest, held }: PolicyReport): string[] {
  const lines = [`policy   ${verdictOf(policy, newest)}`];
  for (const { name, key, cosignedAt } of newest.witnesses) {
    const when = cosignedAt === undefined ? "did not cosign it" : `cosigned it at ${shown(cosignedAt)}`;
    lines.push(`         ${name} (${key}) ${when}`);
  }
  if (!newest.holds && held !== undefined)
    lines.push(`         it holds for the first ${counted(held.size, "entry", "entries")}`);
  return lines;
}

function verdictOf({ quorum }: Policy, { holds, size, log }: PolicyVerdict): string {
  const of = `for ${counted(size, "entry", "entries")}`;
  if (holds) return `holds ${of}: quorum ${quorum}`;
  return `does not hold ${of}: ${log ? `quorum ${quorum} is missing` : "it does not accept this log, or its key"}`;
}

/** A time of somebody else's clock. */
function shown(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `second ${milliseconds / 1000}` : date.toISOString();
}

/** The error that ends a command whose policy does not hold. */
export function policyFailed(policy: Policy, { newest }: PolicyReport): CommandError {
  return new CommandError(
    "ERR_NO_QUORUM",
    `The policy ${verdictOf(policy, newest)}. Everything else is right. Read from further remotes (--remote), or later.`,
    exitCodes.refused,
  );
}
