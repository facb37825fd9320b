// What the commands share that use a writer's folder.

import type { Command } from "commander";
import { commandHelp } from "./command-help.ts";
import { passphraseFile, writersFolder } from "./option-values.ts";

/** What `--stats` does, for the help. */
export const STATS = "count requests, bytes and dependent reads, and print them to standard error";

/** Adds a command that uses a writer's folder. */
export function writerCommand(
  program: Command,
  name: string,
  description: string,
  help: string = name,
): Command {
  return program
    .command(name)
    .description(description)
    .addOption(writersFolder())
    .addOption(passphraseFile())
    .addHelpText("after", commandHelp(help));
}
