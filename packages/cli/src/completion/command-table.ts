// The commands and options of `rlog` as a completion needs them: read from those that the program itself parses.

import type { Command, Option } from "commander";

/** What completes a value. */
type ValueKind = "file" | "folder" | "other" | readonly string[];

/** An option of a command. */
export interface CompletedOption {
  /** Its spellings: `["-d", "--dir"]`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** What its value is; `undefined` if it takes none. */
  readonly value: ValueKind | undefined;
  /** Whether it may be given several times. */
  readonly repeats: boolean;
}

/** A command, or one of a command's own commands. */
export interface CompletedCommand {
  /** Its words: `["remote", "add"]`; none for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** The names of the commands below it. */
  readonly commands: readonly string[];
  /** What its first argument may be, if that is a choice. */
  readonly choices: readonly string[];
}

/** Every command of a program, the program itself first. */
export function commandTable(program: Command): readonly CompletedCommand[] {
  const common = optionsOf(program);
  const walk = (command: Command, path: readonly string[]): CompletedCommand[] => {
    const own = path.length === 0 ? common : [...optionsOf(command), ...common.filter(isInherited)];
    const below = command.commands;
    const choices = command.registeredArguments[0]?.argChoices ?? [];
    const commands = below.map((one) => one.name());
    const description = command.description();
    return [
      { path, description, options: own, commands, choices },
      ...below.flatMap((one) => walk(one, [...path, one.name()])),
    ];
  };
  return walk(program, []);
}

// Each command has a --help of its own.
function isInherited({ flags }: CompletedOption): boolean {
  return !flags.includes("--version") && !flags.includes("--help");
}

function optionsOf(command: Command): CompletedOption[] {
  const options = command.createHelp().visibleOptions(command);
  return options.map((option) => ({
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    description: option.description,
    value: valueKindOf(option),
    repeats: Array.isArray(option.defaultValue),
  }));
}

function valueKindOf({ required, optional, argChoices, flags }: Option): ValueKind | undefined {
  if (!required && !optional) return undefined;
  if (argChoices !== undefined) return argChoices;
  if (flags.includes("<folder>")) return "folder";
  return /<(?:path|file)>/.test(flags) ? "file" : "other";
}
