// The completion of `rlog` for bash, 3.2 and newer.

import type { CompletedCommand, CompletedOption } from "./command-table.ts";

/** The script that bash reads: `eval "$(rlog completion bash)"`. */
export function bashCompletion(table: readonly CompletedCommand[]): string {
  const nested = table.filter(({ path }) => path.length > 0);
  // What was typed before, and the next word, lead to a command.
  const steps = nested.map(
    ({ path }) =>
      `${quoted([path.slice(0, -1).join(" "), path.at(-1)!].join("/"))}) command=${quoted(path.join(" "))} ;;`,
  );
  const values = table.flatMap(({ path, options }) =>
    options.flatMap((option) => valueCases(path.join(" "), option)),
  );
  const words = table.map(({ path, options, commands, choices }) => {
    const all = [...commands, ...choices, ...options.flatMap(({ flags }) => flags)].join(" ");
    return `${quoted(path.join(" "))}) words=${quoted(all)} ;;`;
  });
  return `# The completion of rlog for bash. Put this line into ~/.bashrc: eval "$(rlog completion bash)"
_rlog() {
  local cur prev command words i
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  command=
  words=
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command/\${COMP_WORDS[i]}" in
${indented(steps, 6)}
    esac
  done
  case "$command/$prev" in
${indented(values, 4)}
  esac
  case "$command" in
${indented(words, 4)}
  esac
  # Files are left to the shell, which quotes their names.
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _rlog rlog
`;
}

function valueCases(command: string, { flags, value }: CompletedOption): string[] {
  if (value === undefined) return [];
  const pattern = flags.map((flag) => quoted(`${command}/${flag}`)).join("|");
  if (value === "file" || value === "folder") return [`${pattern}) return ;;`];
  if (value === "other") return [`${pattern}) compopt +o default +o bashdefault 2>/dev/null; return ;;`];
  return [`${pattern}) COMPREPLY=($(compgen -W ${quoted(value.join(" "))} -- "$cur")); return ;;`];
}

function indented(lines: readonly string[], spaces: number): string {
  return lines.map((line) => `${" ".repeat(spaces)}${line}`).join("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
