// The completion of `rlog` for fish.

import type { CompletedCommand, CompletedOption } from "./command-table.ts";

/** The script that fish reads: `rlog completion fish | source`. */
export function fishCompletion(table: readonly CompletedCommand[]): string {
  const lines = [
    "# The completion of rlog for fish. Put this line into ~/.config/fish/config.fish: rlog completion fish | source",
    "complete -c rlog -e",
  ];
  for (const command of table) {
    const { path, options, commands, choices } = command;
    for (const name of commands) {
      const { description } = table.find((one) => one.path.join(" ") === [...path, name].join(" "))!;
      lines.push(line(`${condition(path)}${noneOf(path, commands)}`, `-f -a ${quoted(name)}`, description));
    }
    if (choices.length > 0) lines.push(line(condition(path), `-f -a ${quoted(choices.join(" "))}`, ""));
    for (const option of options) lines.push(line(condition(path), flagsOf(option), option.description));
  }
  return `${lines.join("\n")}\n`;
}

function line(when: string, what: string, description: string): string {
  const about = description === "" ? "" : ` -d ${quoted(description)}`;
  return `complete -c rlog -n ${quoted(when)} ${what}${about}`;
}

// Whether all words of a command were typed. Commands below others have names of their own.
function condition(path: readonly string[]): string {
  if (path.length === 0) return "__fish_use_subcommand";
  return path.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
}

function noneOf(path: readonly string[], commands: readonly string[]): string {
  return path.length === 0 ? "" : `; and not __fish_seen_subcommand_from ${commands.join(" ")}`;
}

function flagsOf({ flags, value }: CompletedOption): string {
  const spellings = flags.map((flag) =>
    flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  return [...spellings, ...valueFlagsOf(value)].join(" ");
}

function valueFlagsOf(value: CompletedOption["value"]): string[] {
  if (value === undefined) return ["-f"];
  if (value === "file" || value === "folder") return ["-r", "-F"];
  return value === "other" ? ["-x"] : ["-x", `-a ${quoted(value.join(" "))}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
