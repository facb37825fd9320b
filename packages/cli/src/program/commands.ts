// The commands of `rlog`, with their arguments and options. Each runs a function in `../commands/`.

import type { EntryRange } from "@remote-log/core";
import type { Command } from "commander";
import { type AppendOptions, append } from "../commands/append.ts";
import { type DoctorOptions, doctor } from "../commands/doctor.ts";
import { type FollowCommandOptions, follow } from "../commands/follow.ts";
import { type InitOptions, init } from "../commands/init.ts";
import { type LinkOptions, link } from "../commands/link.ts";
import { move } from "../commands/move.ts";
import { type PassphraseOptions, removePassphrase, setPassphrase } from "../commands/passphrase.ts";
import { type ProofOptions, proof } from "../commands/proof.ts";
import { type PublishCommandOptions, publish } from "../commands/publish.ts";
import { latest, type ReadOptions, read } from "../commands/read.ts";
import { type ReaderKeyOptions, readerKey } from "../commands/reader-key.ts";
import {
  type GrantCommandOptions,
  grant,
  type ReadersOptions,
  readers,
  revoke,
} from "../commands/readers.ts";
import { type RecoverCommandOptions, recover } from "../commands/recover.ts";
import {
  addRemote,
  listRemotes,
  type RemoteListOptions,
  type RemoteRemoveOptions,
  removeRemote,
} from "../commands/remote.ts";
import { type KeepNewestOptions, keepNewest, type RemoveOptions, remove } from "../commands/remove.ts";
import { type RepairCommandOptions, repair } from "../commands/repair.ts";
import { type RotateKeyOptions, rotateKey } from "../commands/rotate-key.ts";
import { type SettingsOptions, settings } from "../commands/settings.ts";
import { type StatusOptions, status } from "../commands/status.ts";
import { type VerifyOptions, verify } from "../commands/verify.ts";
import { verifyFork } from "../commands/verify-fork.ts";
import { type WordsOptions, words } from "../commands/words.ts";
import type { Invocation } from "../terminal/invocation.ts";
import type { WriterCommandOptions } from "../writing/with-writer.ts";
import { commandHelp } from "./command-help.ts";
import {
  age,
  bundles,
  collect,
  copies,
  duration,
  entryRange,
  files,
  identifiers,
  keepNewest as keepNewestLimit,
  newPassphraseFile,
  passphraseFile,
  remotes,
  rotateReadKeyAfter,
  seconds,
  trust,
  waiting,
  wholeNumber,
  writersFolder,
} from "./option-values.ts";
import { LOG, readerCommand } from "./reader-command.ts";
import { STATS, writerCommand } from "./writer-command.ts";

const IDENTITY = "read by your own key, in this file, in place of a link with a key";

/** What both commands that remove have. */
function removing(command: Command): Command {
  return command
    .option("--now", "delete what is replaced at once, also from under readers that are on their way to it")
    .option("--no-publish", "leave the remotes to the next rlog publish")
    .addOption(waiting())
    .option("--stats", STATS);
}

/** Adds the commands that use a writer's folder. */
export function addWriterCommands(program: Command, invocation: Invocation): void {
  writerCommand(program, "init", "start a log, and print its id")
    .addOption(remotes("--remote <[label=]uri>", "where to publish; may be given several times"))
    .option("--leaf-size <entries>", "entries in a page: a power of two (default 8)", wholeNumber)
    .addOption(identifiers())
    .option(
      "--public",
      "let storage, and everybody who reaches it, read the entries (default: they are sealed)",
    )
    .option("--no-padding", "do not hide the exact lengths of entries; only for private logs")
    .addOption(rotateReadKeyAfter())
    .addOption(keepNewestLimit())
    .addOption(bundles())
    .addOption(copies())
    .option(
      "--seed-file <path>",
      "use the seed in this file, 64 hexadecimal digits, 24 words, or sealed; env:NAME is a variable, - is standard input",
    )
    .option(
      "--recovery-words",
      "print 24 words, once, by which the signing key can be replaced if the device is stolen",
    )
    .action((options: InitOptions) => init(invocation, options));
  writerCommand(program, "append", "append entries: the texts, or each line of a file or of standard input")
    .argument("[text...]", "entries, one each")
    .option("--file <path>", "append the lines of a file; - is standard input")
    .option("--whole", "append the whole input as one entry")
    .option("--ack", "print the number and the id of each entry as soon as it is durable")
    .option("--publish", "publish everything: afterwards, and while the input is open")
    .option(
      "--every <time>",
      "how often to publish while the input is open, such as 500ms, 5s or 1m (default 10s)",
      duration,
    )
    .addOption(waiting())
    .option("--stats", STATS)
    .action((texts: string[], options: AppendOptions) => append(invocation, texts, options));
  writerCommand(program, "publish", "publish everything that was appended, to every remote")
    .option(
      "--whole",
      "also look for what was published before, and put back what is missing, as rlog repair does",
    )
    .addOption(waiting())
    .option("--stats", STATS)
    .action((options: PublishCommandOptions) => publish(invocation, options));
  writerCommand(program, "repair", "put back what a remote has lost, or make a place anew that is gone")
    .option("-r, --remote <label>", "the label of the remote to repair (default: all)")
    .option("--read", "read every object, and replace what was damaged")
    .addOption(waiting())
    .option("--stats", STATS)
    .action((options: RepairCommandOptions) => repair(invocation, options));
  removing(writerCommand(program, "remove", "remove the contents of entries, here and on every remote"))
    .argument("<entry...>", "numbers of entries, such as 7, and ranges, such as 7-12", entryRange)
    .action((entries: readonly EntryRange[], options: RemoveOptions) => remove(invocation, entries, options));
  removing(writerCommand(program, "keep-newest", "remove the contents of all entries but the newest"))
    .argument("[count]", "how many entries are kept", wholeNumber)
    .option(
      "--older-than <age>",
      "remove those that were appended longer ago than this, such as 12h or 30d",
      age,
    )
    .action((count: number | undefined, options: KeepNewestOptions) =>
      keepNewest(invocation, count, options),
    );
  writerCommand(program, "settings", "show and change what the log does by itself")
    .addOption(rotateReadKeyAfter())
    .addOption(keepNewestLimit())
    .addOption(bundles("default"))
    .addOption(copies("all"))
    .addOption(waiting())
    .option("--json", "print one JSON object")
    .action((options: SettingsOptions) => settings(invocation, options));
  writerCommand(program, "status", "show how many entries are here and on each remote")
    .option("--json", "print one JSON object")
    .action((options: StatusOptions) => status(invocation, options));
  addRemoteCommands(program, invocation);
  writerCommand(program, "move", "take the log from one remote to another; readers follow")
    .argument("<label>", "the remote that it leaves, as rlog remote list prints it")
    .argument("<[label=]uri>", "where it goes")
    .addOption(waiting())
    .option("--stats", STATS)
    .action((from: string, to: string, options: WriterCommandOptions) => move(invocation, from, to, options));
  writerCommand(program, "link", "print the link of the log, which holds all that a reader needs")
    .addOption(
      remotes(
        "-r, --remote <uri>",
        "name this remote instead of those of the log; may be given several times",
      ),
    )
    .option("--offline", "name no remote: for readers who get the log in a file, by rlog export")
    .option("--no-key", "leave the key out, for mirrors and others who need not read")
    .option("--qr", "print it as a QR code, too")
    .action((options: LinkOptions) => link(invocation, options));
  writerCommand(program, "grant", "name readers of a private log by their own keys")
    .argument("<recipient...>", "what they printed with rlog reader-key: age1…")
    .option("--with-history", "let them read what was appended before, too (default: from the next entry on)")
    .addOption(waiting())
    .action((recipients: string[], options: GrantCommandOptions) => grant(invocation, recipients, options));
  writerCommand(program, "revoke", "shut readers out, from the next entry on")
    .argument("[recipient...]", "whom (default: nobody by name; the key changes all the same)")
    .addOption(waiting())
    .action((recipients: string[], options: WriterCommandOptions) => revoke(invocation, recipients, options));
  writerCommand(program, "readers", "list the readers of the log by name")
    .option("--json", "print one JSON object per line")
    .action((options: ReadersOptions) => readers(invocation, options));
  writerCommand(program, "words", "print the seed as 24 words, to write down").action(
    (options: WordsOptions) => words(invocation, options),
  );
  addPassphraseCommands(program, invocation);
  writerCommand(program, "rotate-key", "replace the key that signs the log, by its recovery words")
    .option(
      "--recovery-file <path>",
      "the recovery words are in this file; env:NAME is a variable, - is standard input (default: asked for)",
    )
    .addOption(waiting())
    .action((options: RotateKeyOptions) => rotateKey(invocation, options));
  writerCommand(
    program,
    "doctor",
    "examine the remotes of a log: reachable, up to date, and how long they keep it",
  )
    .argument("[log]", "its id or its link (default: the log of the writer's folder)")
    .addOption(remotes("-r, --remote <[label=]uri>", "one more remote; may be given several times"))
    .addOption(trust())
    .option("--whole", "read every entry of every remote, not only the first and the newest")
    .option("--json", "print one JSON object")
    .action((log: string | undefined, options: DoctorOptions) => doctor(invocation, log, options));
  writerCommand(program, "recover", "get back what the remotes have and a restored or damaged journal lacks")
    .argument("[log]", "its id or its link, if only the seed is left in the folder")
    .addOption(remotes("-r, --remote <[label=]uri>", "one more remote; may be given several times"))
    .addOption(trust())
    .option(
      "--seed-file <path>",
      "the folder has no seed, or an old one: use the one in this file, or the recovery words; env:NAME is a variable, - is standard input",
    )
    .option(
      "--without <label>",
      "do not ask this remote, which is gone; may be given several times",
      collect,
      [],
    )
    .option("--accept-loss", "continue without entries that nobody has; their numbers are given out again")
    .addOption(waiting())
    .action((log: string | undefined, options: RecoverCommandOptions) => recover(invocation, log, options));
}

function addRemoteCommands(program: Command, invocation: Invocation): void {
  const group = program
    .command("remote")
    .description("add, list or remove the remotes of a log")
    .addHelpText("after", commandHelp("remote"));
  writerCommand(group, "add", "add a remote: its URI, or a folder by its path", "remote")
    .argument("<[label=]uri>", "where to publish; its label can't be changed later")
    .addOption(waiting())
    .action((text: string, options: WriterCommandOptions) => addRemote(invocation, text, options));
  writerCommand(group, "list", "list the remotes of a log, with their labels", "remote")
    .option("--json", "print one JSON object per line")
    .action((options: RemoteListOptions) => listRemotes(invocation, options));
  writerCommand(group, "remove", "remove a remote; what is stored there stays", "remote")
    .argument("<label>", "its label, as rlog remote list prints it; or its URI or path, as it was added")
    .addOption(waiting())
    .option(
      "--after <count>",
      "only if this many others hold everything that is here: each is read whole before",
      wholeNumber,
    )
    .action((text: string, options: RemoteRemoveOptions) => removeRemote(invocation, text, options));
}

function addPassphraseCommands(program: Command, invocation: Invocation): void {
  const group = program
    .command("passphrase")
    .description("seal the seed of a log with a passphrase, or keep it without one")
    .addHelpText("after", commandHelp("passphrase"));
  writerCommand(group, "set", "seal the seed with a passphrase, or with another one", "passphrase")
    .addOption(newPassphraseFile())
    .addOption(waiting())
    .action((options: PassphraseOptions) => setPassphrase(invocation, options));
  writerCommand(group, "remove", "keep the seed without a passphrase", "passphrase")
    .addOption(waiting())
    .action((options: PassphraseOptions) => removePassphrase(invocation, options));
}

/** Adds the commands that read a log. */
export function addReaderCommands(program: Command, invocation: Invocation): void {
  entriesCommand(program, "read", "write the verified entries, and end")
    .option("--from <number>", "start with this entry (default 0)", wholeNumber)
    .action((log: string | undefined, options: ReadOptions) => read(invocation, log, options));
  entriesCommand(program, "latest", "write the newest entries, oldest first")
    .argument("[count]", "how many", wholeNumber, 1)
    .action((log: string | undefined, count: number, options: ReadOptions) =>
      latest(invocation, log, count, options),
    );
  entriesCommand(program, "follow", "write the entries, and new ones as they arrive")
    .option("--from <number>", "start with this entry (default 0)", wholeNumber)
    .option("--cursor <name>", "continue where this cursor stopped, and keep its position")
    .option("--poll <seconds>", "seconds between two looks for new entries (default 5)", seconds)
    .action((log: string | undefined, options: FollowCommandOptions) => follow(invocation, log, options));
  readerCommand(program, "verify", "read all of a log and check everything that can be checked")
    .option("--identity <path>", IDENTITY)
    .option("--chain", "also walk the pages one by one, like a reader of the plain standard")
    .option("--policy <file>", "also check who cosigned the newest state: a C2SP tlog-policy")
    .addOption(
      files(
        "--checkpoint <file>",
        "a cosigned checkpoint, besides what the remotes show; may be given several times",
      ),
    )
    .action((log: string, options: VerifyOptions) => verify(invocation, log, options));
  readerCommand(program, "proof", "write files that prove that an entry is in a log")
    .requiredOption("--entry <number>", "the entry", wholeNumber)
    .option("--since <size>", "also prove that the log extends its own first entries, this many", wholeNumber)
    .option("--out <folder>", "where to write the files", ".")
    .action((log: string, options: ProofOptions) => proof(invocation, log, options));
  program
    .command("reader-key")
    .description("make the key by which writers name you as a reader, and print what to send them")
    .argument("[file]", "where to keep it (default: see rlog reader-key --help)")
    .option("--post-quantum", "make one that quantum computers do not break, either")
    .addHelpText("after", commandHelp("reader-key"))
    .action((file: string | undefined, options: ReaderKeyOptions) => readerKey(invocation, file, options));
  program
    .command("verify-fork")
    .description("check the proof that a log forked; needs nothing but the file")
    .argument("<file>", "the file that a reading command wrote")
    .addHelpText("after", commandHelp("verify-fork"))
    .action((file: string) => verifyFork(invocation, file));
}

// A command that reads the log here, if it is given none.
function entriesCommand(program: Command, name: string, description: string): Command {
  return readerCommand(program, name, description, {
    argument: "[log]",
    about: `${LOG} (default: the log here, published or not)`,
  })
    .addOption(writersFolder())
    .addOption(passphraseFile())
    .option("--identity <path>", IDENTITY)
    .option("--json", "print one JSON object per line");
}
