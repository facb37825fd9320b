// The version of `rlog`. It loads nothing of the program, so that whoever asks for it alone has it at once.

import { readFileSync } from "node:fs";

/** The version, as the package says. */
export function ownVersion(): string {
  const description = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(description) as { version: string }).version;
}

/** Whether the words after the program's name ask for the version and nothing else. */
export function asksForVersion(words: readonly string[]): boolean {
  return words.length === 1 && ["--version", "-V", "version"].includes(words[0]!);
}
