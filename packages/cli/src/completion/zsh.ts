// The completion of `rlog` for zsh.

import type { CompletedCommand, CompletedOption } from "./command-table.ts";

/** The script that zsh reads: `eval "$(rlog completion zsh)"`, or as `_rlog` in a folder of `$fpath`. */
export function zshCompletion(table: readonly CompletedCommand[]): string {
  const functions = table.map((command) => functionOf(command, table));
  return `#compdef rlog
# The completion of rlog for zsh. Put this line into ~/.zshrc, after compinit: eval "$(rlog completion zsh)"
${functions.join("\n")}
if [ "$funcstack[1]" = "_rlog" ]; then
  _rlog "$@"
else
  compdef _rlog rlog
fi
`;
}

function functionOf(command: CompletedCommand, table: readonly CompletedCommand[]): string {
  const { path, options, commands, choices } = command;
  const flags = options.map((option) => `    ${specOf(option)} \\`).join("\n");
  if (commands.length === 0) {
    const rest = choices.length > 0 ? `'1:argument:(${choices.join(" ")})'` : "'*:argument:_files'";
    return `${nameOf(path)}() {\n  _arguments \\\n${flags}\n    ${rest}\n}`;
  }
  const described = commands.map((name) => {
    const { description } = table.find((one) => one.path.join(" ") === [...path, name].join(" "))!;
    return `      ${quoted(`${name}:${description}`)}`;
  });
  const cases = commands.map((name) => `        ${name}) ${nameOf([...path, name])} ;;`);
  return `${nameOf(path)}() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C \\
${flags}
    '1: :->command' \\
    '*:: :->rest'
  case $state in
    command)
      local -a commands
      commands=(
${described.join("\n")}
      )
      _describe command commands
      ;;
    rest)
      case $line[1] in
${cases.join("\n")}
      esac
      ;;
  esac
}`;
}

// An option as _arguments has it: '(-d --dir)'{-d,--dir}'[what it is]:value:_files -/'.
function specOf({ flags, description, value, repeats }: CompletedOption): string {
  const about = `[${description.replace(/[[\]\\:]/g, "\\$&")}]`;
  const end = quoted(`${about}${actionOf(value)}`);
  if (repeats) return flags.length > 1 ? `'*'{${flags.join(",")}}${end}` : `'*'${flags[0]}${end}`;
  return flags.length > 1 ? `'(${flags.join(" ")})'{${flags.join(",")}}${end}` : `${flags[0]}${end}`;
}

function actionOf(value: CompletedOption["value"]): string {
  if (value === undefined) return "";
  if (value === "file") return ":file:_files";
  if (value === "folder") return ":folder:_files -/";
  return value === "other" ? ":value: " : `:value:(${value.join(" ")})`;
}

function nameOf(path: readonly string[]): string {
  return ["_rlog", ...path].join("_");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
