import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type AppendOptions, append } from "./commands/append.ts";
import { type DoctorOptions, doctor } from "./commands/doctor.ts";
import { type FollowCommandOptions, follow } from "./commands/follow.ts";
import { type InitOptions, init } from "./commands/init.ts";
import { type KeepCommandOptions, keep } from "./commands/keep.ts";
import { type LinkOptions, link } from "./commands/link.ts";
import { type MirrorCommandOptions, mirror } from "./commands/mirror.ts";
import { type ProofOptions, proof } from "./commands/proof.ts";
import { publish } from "./commands/publish.ts";
import { latest, type ReadOptions, read } from "./commands/read.ts";
import { recover } from "./commands/recover.ts";
import { type StatusOptions, status } from "./commands/status.ts";
import { type VerifyOptions, verify } from "./commands/verify.ts";
import { verifyFork } from "./commands/verify-fork.ts";
import { CommandError, exitCodeOf, exitCodes, OutputClosed } from "./failure.ts";
import { commandHelp, programHelp } from "./help.ts";
import { type CommonOptions, Invocation } from "./invocation.ts";
import type { WriterCommandOptions } from "./with-writer.ts";

const STATS = "count requests, bytes and dependent reads, on standard error";

/**
 * Runs `rlog`.
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
    // Commander has said what is wrong; a call for help is no failure.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const ended = invocation.signal.aborted && !(error instanceof CommandError);
    const reason: unknown = ended ? invocation.signal.reason : error;
    if (!(reason instanceof OutputClosed)) await invocation.fail(reason);
    return exitCodeOf(reason);
  }
}

function programOf(invocation: Invocation): Command {
  const program = new Command("rlog")
    .description("Writes and reads logs that others can verify, on storage that nobody has to trust.")
    .version(ownVersion(), "-V, --version", "print the version of rlog")
    .option("-q, --quiet", "say nothing on standard error but errors")
    .option("--debug", "show the stack of an error, and its causes")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "rlog: ")) })
    .showHelpAfterError("Add --help to see how the command is used.")
    .exitOverride()
    .addHelpText("after", programHelp)
    .hook("preAction", (_, command) => invocation.configure(command.optsWithGlobals<CommonOptions>()));
  addWriterCommands(program, invocation);
  addReaderCommands(program, invocation);
  addMirrorCommands(program, invocation);
  return program;
}

function ownVersion(): string {
  const description = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(description) as { version: string }).version;
}

function addWriterCommands(program: Command, invocation: Invocation): void {
  writerCommand(program, "init", "begin a log, and print its id")
    .addOption(remotes("--remote <[label=]uri>", "where to publish; may be given several times"))
    .option("--leaf-size <entries>", "entries in a page: a power of two (default 16)", wholeNumber)
    .addOption(
      new Option("--identifiers <kind>", "what identifies an entry (default sha256)").choices([
        "sha256",
        "mvds",
      ]),
    )
    .action((options: InitOptions) => init(invocation, options));
  writerCommand(program, "append", "append entries: the texts, or each line of a file or of standard input")
    .argument("[text...]", "entries, one each")
    .option("--file <path>", "take the lines of a file; - is standard input")
    .option("--whole", "take the whole input as one entry")
    .option("--ack", "print number and id of each entry as soon as it is durable")
    .option("--publish", "publish afterwards")
    .option("--stats", STATS)
    .action((texts: string[], options: AppendOptions) => append(invocation, texts, options));
  writerCommand(program, "publish", "publish everything that was appended, to every remote")
    .option("--stats", STATS)
    .action((options: WriterCommandOptions) => publish(invocation, options));
  writerCommand(program, "status", "show how the log stands here and on its remotes")
    .option("--json", "as one JSON object")
    .action((options: StatusOptions) => status(invocation, options));
  writerCommand(program, "link", "print the link of the log: all that a reader needs").action(
    (options: LinkOptions) => link(invocation, options),
  );
  writerCommand(
    program,
    "doctor",
    "examine the remotes of a log: reached, newest, and for how long they keep it",
  )
    .argument("[log]", "its id or link (default: the log of the writer's folder)")
    .addOption(remotes("-r, --remote <[label=]uri>", "a further remote; may be given several times"))
    .option("--json", "as one JSON object")
    .action((log: string | undefined, options: DoctorOptions) => doctor(invocation, log, options));
  writerCommand(program, "recover", "take over what the remotes know and a restored journal does not").action(
    (options: WriterCommandOptions) => recover(invocation, options),
  );
}

function addReaderCommands(program: Command, invocation: Invocation): void {
  readerCommand(program, "read", "write the entries, verified, and end")
    .option("--from <number>", "begin with this entry (default 0)", wholeNumber)
    .option("--json", "one JSON object a line")
    .action((log: string, options: ReadOptions) => read(invocation, log, options));
  readerCommand(program, "latest", "write the newest entries, oldest first")
    .argument("[count]", "how many", wholeNumber, 1)
    .option("--json", "one JSON object a line")
    .action((log: string, count: number, options: ReadOptions) => latest(invocation, log, count, options));
  readerCommand(program, "follow", "write the entries, and new ones as they come")
    .option("--from <number>", "begin with this entry (default 0)", wholeNumber)
    .option("--cursor <name>", "go on where this cursor stopped, and keep its place")
    .option("--poll <seconds>", "how often to ask for news (default 5)", seconds)
    .option("--json", "one JSON object a line")
    .action((log: string, options: FollowCommandOptions) => follow(invocation, log, options));
  readerCommand(program, "verify", "read all of a log and check everything that can be checked")
    .option("--chain", "also walk the pages one by one, as readers of the plain standard do")
    .action((log: string, options: VerifyOptions) => verify(invocation, log, options));
  readerCommand(program, "proof", "write files that prove that an entry is in a log")
    .requiredOption("--entry <number>", "the entry", wholeNumber)
    .option("--since <size>", "also prove that the log extends its own first entries", wholeNumber)
    .option("--out <folder>", "where to write the files", ".")
    .action((log: string, options: ProofOptions) => proof(invocation, log, options));
  program
    .command("verify-fork")
    .description("check a proof that a log forked; needs nothing but the file")
    .argument("<file>", "the file that a reading command wrote")
    .addHelpText("after", commandHelp("verify-fork"))
    .action((file: string) => verifyFork(invocation, file));
}

function addMirrorCommands(program: Command, invocation: Invocation): void {
  readerCommand(program, "mirror", "copy a log to another remote; needs no key")
    .requiredOption("--to <[label=]uri>", "the remote to copy to")
    .option("--follow", "go on with what the writer publishes")
    .option("--poll <seconds>", "how often to ask for news (default 60)", seconds)
    .option("--whole", "copy everything once more, also what was copied before")
    .action((log: string, options: MirrorCommandOptions) => mirror(invocation, log, options));
  program
    .command("keep")
    .description("publish IPNS names again before the network forgets them; needs no key")
    .argument("<name...>", "URIs, or links, of logs with an IPNS name")
    .option("--node <url>", "the node that publishes the names of links and of ipns: URIs, by its RPC")
    .option("--once", "once, and end")
    .option("--every <hours>", "how often", hours, 12)
    .addHelpText("after", commandHelp("keep"))
    .action((names: string[], options: KeepCommandOptions) => keep(invocation, names, options));
}

function writerCommand(program: Command, name: string, description: string): Command {
  const folder = process.env["RLOG_DIR"] || "./.rlog";
  return program
    .command(name)
    .description(description)
    .option("-d, --dir <folder>", "the writer's folder", folder)
    .addHelpText("after", commandHelp(name));
}

function readerCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument("<log>", "its id, as rlog init prints it, or a link, as rlog link prints it")
    .addOption(
      remotes(
        "-r, --remote <[label=]uri>",
        "where to read from, besides what a link says; may be given several times",
      ),
    )
    .option("--state <folder>", "where to keep what was verified (default: see rlog --help)")
    .option("--no-state", "keep nothing: a later run can't notice that the log was set back")
    .option("--stats", STATS)
    .addHelpText("after", commandHelp(name));
}

function remotes(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect).default([], "none");
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("It must be a whole number from 0 on.");
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0.05 && value <= 86_400) return value;
  throw new InvalidArgumentError("It must be a number of seconds from 0.05 to 86400.");
}

function hours(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0.001 && value <= 500) return value;
  throw new InvalidArgumentError("It must be a number of hours from 0.001 to 500.");
}
