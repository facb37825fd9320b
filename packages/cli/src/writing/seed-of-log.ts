// What a device keeps of a seed that somebody brings along for a log that exists: it is the log's seed, or its recovery seed.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DeviceSeed, deviceSeed, hasCode, openWriter } from "@remote-log/core";
import { ClassicLevel } from "classic-level";
import { CommandError } from "../errors/command-error.ts";
import type { WriterSeed } from "./folder-seed.ts";

/**
 * What a device keeps of a seed: found out by trying which the id of the log follows from. Asks nobody.
 *
 * @param given - the log's seed, its recovery seed, or the seed of a device
 * @param replaced - how often the signing key of the log was replaced: asked if it is a recovery seed
 * @throws CommandError `ERR_SEED` if it is neither of this log
 */
export async function seedOfLog(
  given: WriterSeed,
  logId: string,
  replaced: (first: DeviceSeed) => Promise<number>,
): Promise<WriterSeed> {
  if (await belongsTo(given, logId)) return given;
  if (given instanceof Uint8Array) {
    const first = await deviceSeed(given);
    if (await belongsTo(first, logId)) return deviceSeed(given, await replaced(first));
  }
  throw new CommandError(
    "ERR_SEED",
    `This is neither the seed of log ${logId} nor its recovery words. Nothing was written. Use those of this log.`,
  );
}

/** Whether a recovery seed is the one of the log whose device seed is held. */
export async function isRecoverySeedOf(held: DeviceSeed, given: Uint8Array): Promise<boolean> {
  const { recoveryKeyHash } = await deviceSeed(given);
  return Buffer.from(recoveryKeyHash).equals(held.recoveryKeyHash);
}

// The id is the hash of the keys and the settings, so an empty journal is enough. It gets no secret.
async function belongsTo(seed: WriterSeed, logId: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "rlog-seed-"));
  try {
    const journal = new ClassicLevel<Uint8Array, Uint8Array>(join(folder, "journal"));
    const writer = await openWriter({ seed, logId, journal, forRecovery: true, publish: "manual" });
    await writer.close();
    return true;
  } catch (error) {
    if (hasCode(error, "ERR_INVALID_INPUT")) return false;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
