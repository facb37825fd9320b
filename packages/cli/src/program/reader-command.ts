// What commands that read a log have in common: their options, and what their arguments may be.

import type { Command } from "commander";
import { commandHelp } from "./command-help.ts";
import { remotes, trust } from "./option-values.ts";
import { STATS } from "./writer-command.ts";

/** What LOG may be. */
export const LOG: string =
  "the link that rlog link prints, or - for standard input, @FILE or env:NAME if it is there; or the log's id; or a CAR file";

/** What FILE is. */
export const FILE: { readonly argument: string; readonly about: string } = {
  argument: "<file>",
  about: "a CAR file: a path that ends in .car",
};

/** A command that reads a log. */
export function readerCommand(
  program: Command,
  name: string,
  description: string,
  { argument, about, log }: { readonly argument: string; readonly about: string; readonly log?: string } = {
    argument: "<log>",
    about: LOG,
  },
): Command {
  const command = program.command(name).description(description).argument(argument, about);
  if (log !== undefined) command.argument("[log]", log);
  return command
    .addOption(
      remotes(
        "-r, --remote <[label=]uri>",
        "where to read from, besides the remotes of a link; may be given several times",
      ),
    )
    .addOption(trust())
    .option("--state <folder>", "where to keep what was verified (default: see rlog --help)")
    .option("--no-state", "keep nothing: then a later run can't notice a rollback")
    .option("--stats", STATS)
    .addHelpText("after", commandHelp(name));
}
