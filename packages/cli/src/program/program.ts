// The program `rlog`: from the words of the command line to the exit code.

import { Argument, Command, CommanderError } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { commandTable } from "../completion/command-table.ts";
import { fishCompletion } from "../completion/fish.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { CommandError, OutputClosed } from "../errors/command-error.ts";
import { exitCodeOf } from "../errors/exit-code-of.ts";
import { exitCodes } from "../errors/exit-codes.ts";
import { type CommonOptions, Invocation } from "../terminal/invocation.ts";
import { terminalText } from "../terminal/terminal-text.ts";
import { commandHelp } from "./command-help.ts";
import { addReaderCommands, addWriterCommands } from "./commands.ts";
import { programHelp } from "./help.ts";
import { addMirrorCommands } from "./mirror-commands.ts";
import { ownVersion } from "./own-version.ts";

/**
 * Runs `rlog` in this process: it reads standard input, writes to standard output and standard error, and obeys SIGINT and
 * SIGTERM until it has ended. Does not throw: errors are reported on standard error.
 *
 * @example
 * ```ts
 * import { runRlog } from "@remote-log/cli";
 *
 * process.exitCode = await runRlog(["status", "--help"]);
 * ```
 *
 * @param words - the words after the program's name
 * @returns the exit code; the process may still have output to flush
 */
export async function runRlog(words: readonly string[]): Promise<number> {
  const invocation = new Invocation();
  try {
    await programOf(invocation).parseAsync(words, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    // Commander has already said what is wrong. A call for help is not a failure.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const ended = invocation.signal.aborted && !(error instanceof CommandError);
    const reason: unknown = ended ? invocation.signal.reason : error;
    if (!(reason instanceof OutputClosed)) await invocation.fail(reason);
    return exitCodeOf(reason);
  } finally {
    invocation.close();
  }
}

function programOf(invocation: Invocation): Command {
  const program = new Command("rlog")
    .description("Writes and reads logs that anyone can verify, on storage that nobody has to trust.")
    .version(ownVersion(), "-V, --version", "print the version of rlog")
    .option("-q, --quiet", "print nothing but errors to standard error")
    .option("--debug", "show the stack and the causes of an error")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: (text, write) => write(terminalText(text.replace(/^error: /, "rlog: "))),
    })
    .showHelpAfterError("Add --help to see how the command is used.")
    .exitOverride()
    .addHelpText("after", programHelp)
    .hook("preAction", (_, command) => invocation.configure(command.optsWithGlobals<CommonOptions>()));
  addWriterCommands(program, invocation);
  addReaderCommands(program, invocation);
  addMirrorCommands(program, invocation);
  addProgramCommands(program, invocation);
  return program;
}

// About the program itself.
function addProgramCommands(program: Command, invocation: Invocation): void {
  program
    .command("version")
    .description("print the version of rlog")
    .addHelpText("after", commandHelp("version"))
    .action(() => invocation.out.write(`${ownVersion()}\n`));
  program
    .command("completion")
    .description("print the script by which a shell completes the words of rlog")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(completions)))
    .addHelpText("after", commandHelp("completion"))
    .action((shell: keyof typeof completions) =>
      invocation.out.write(completions[shell](commandTable(program))),
    );
}

const completions = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
