// Logs with recovery words, for tests.

import { cp, readFile } from "node:fs/promises";
import { DeviceSeed } from "@remote-log/core";
import { openWriterSeed } from "@remote-log/core/keyring";
import { expect } from "vitest";
import type { Place } from "../rlog.ts";

/** Lines of words. */
export const WORDS = /(?:[a-z]+ ){5}[a-z]+\n/g;

/** A log that was begun with recovery words. */
export interface Begun {
  readonly id: string;
  readonly uri: string;
  /** The recovery words. */
  readonly words: string;
}

/** A log with recovery words, and one remote. */
export async function begin(place: Place, ...more: string[]): Promise<Begun> {
  const uri = place.uri();
  const { out, err } = await place.ok(["init", "--recovery-words", "--remote", uri, ...more]);
  expect(err).toContain("they are not on this device, and are not shown again");
  const words = out.match(WORDS)!.join("");
  expect(words.trim().split(/\s+/)).toHaveLength(24);
  return { id: out.split("\n")[0]!, uri, words };
}

/** The log as a thief has it, who copied the folder. */
export async function steal(place: Place, folder = "thief"): Promise<string[]> {
  await cp(place.path(".rlog"), place.path(folder), { recursive: true });
  return ["--dir", folder];
}

/** The link of a log. */
export const link = async (place: Place, ...more: string[]): Promise<string> =>
  (await place.ok(["link", ...more])).out.trim();

/** The seed of the device that a folder holds. */
export async function seedIn(place: Place, folder = ".rlog"): Promise<DeviceSeed> {
  const seed = await openWriterSeed(await readFile(place.path(folder, "seed"), "utf8"));
  expect(seed).toBeInstanceOf(DeviceSeed);
  return seed as DeviceSeed;
}
