// The commands for those who keep copies of logs and names of others, with their arguments and options.

import type { Command } from "commander";
import { type ExportCommandOptions, exportLog } from "../commands/export.ts";
import { type FsckOptions, fsck } from "../commands/fsck.ts";
import { type ImportCommandOptions, importCar } from "../commands/import.ts";
import { type KeepCommandOptions, keep } from "../commands/keep.ts";
import { type MirrorCommandOptions, mirror } from "../commands/mirror.ts";
import { type ServeCommandOptions, serveLogs } from "../commands/serve.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { commandHelp } from "./command-help.ts";
import {
  hours,
  passphraseFile,
  positive,
  remotes,
  seconds,
  trust,
  waiting,
  wholeNumber,
  writersFolder,
} from "./option-values.ts";
import { FILE, LOG, readerCommand } from "./reader-command.ts";
import { STATS, writerCommand } from "./writer-command.ts";

/** Adds the commands for those who keep copies of logs and names of others. */
export function addMirrorCommands(program: Command, invocation: Invocation): void {
  readerCommand(program, "export", "write a log into one file, to keep or to carry; needs no key", {
    ...FILE,
    log: `${LOG} (default: the log here, published or not)`,
  })
    .addOption(writersFolder())
    .addOption(passphraseFile())
    .addOption(waiting())
    .option("--from <number>", "only from this entry on", wholeNumber)
    .option("--until <number>", "only to before this entry", wholeNumber)
    .option("--since <file>", "only what is new since this earlier export")
    .option("--json", "print one JSON object")
    .action((file: string, log: string | undefined, options: ExportCommandOptions) =>
      exportLog(invocation, file, log, options),
    );
  writerCommand(
    program,
    "fsck",
    "read everything that the remotes of a log hold, and put back what is missing",
  )
    .argument("[log]", "its id, its link, or a CAR file (default: the log of the writer's folder)")
    .addOption(remotes("-r, --remote <[label=]uri>", "one more remote to check; may be given several times"))
    .addOption(trust())
    .option(
      "--repair",
      "put back what is missing or damaged: from other remotes, from --from, and from the journal",
    )
    .addOption(
      remotes(
        "--from <[label=]uri>",
        "also put back from here: a CAR file, a mirror; may be given several times",
      ),
    )
    .option(
      "--sample <count>",
      "read this many entries of each remote, drawn by chance (default: all)",
      wholeNumber,
    )
    .addOption(waiting())
    .option("--json", "print one JSON object")
    .action((log: string | undefined, options: FsckOptions) => fsck(invocation, log, options));
  program
    .command("import")
    .description("bring a log out of a file into a remote; needs no key")
    .argument(FILE.argument, FILE.about)
    .argument("[log]", "which log it must be: its id or its link (default: the one in the file)")
    .requiredOption("--to <[label=]uri>", "the remote to bring it into")
    .option("--whole", "store everything that is in the file, also what the remote should have")
    .addOption(trust())
    .option("--json", "print one JSON object")
    .option("--stats", STATS)
    .addHelpText("after", commandHelp("import"))
    .action((file: string, log: string | undefined, options: ImportCommandOptions) =>
      importCar(invocation, file, log, options),
    );
  readerCommand(program, "mirror", "copy a log to another remote; needs no key")
    .requiredOption("--to <[label=]uri>", "the remote to copy to")
    .option("--follow", "continue with what the writer publishes")
    .option("--poll <seconds>", "seconds between two looks for new entries (default 60)", seconds)
    .option("--whole", "copy everything again, even what was copied before")
    .option("--bundles", "store older pages together if the source does not, for fewer requests")
    .option(
      "--cosign <file>",
      "read everything back, and sign that this mirror keeps it, with the key in this file",
    )
    .option(
      "--cosign-name <name>",
      "the name of the key, if the file is made now; best a URL without its scheme",
    )
    .option("--checkpoint <file>", "also write the signed checkpoint to this file")
    .option("--json", "print one JSON object for each pass")
    .action((log: string, options: MirrorCommandOptions) => mirror(invocation, log, options));
  program
    .command("keep")
    .description("publish IPNS names again before the network forgets them; needs no key")
    .argument("<name...>", "URIs or links of logs with an IPNS name")
    .option("--node <url>", "the RPC of the node that publishes the names of links and ipns: URIs")
    .addOption(trust())
    .option("--once", "publish them once, and end")
    .option("--every <hours>", "hours between two times", hours, 12)
    .addHelpText("after", commandHelp("keep"))
    .action((names: string[], options: KeepCommandOptions) => keep(invocation, names, options));
  program
    .command("serve")
    .description("mirror logs for good, and serve the copies over HTTP; needs no key")
    .argument("[log...]", "links of logs; - for standard input, @FILE or env:NAME if they are there")
    .option("--config <file>", "settings and more logs: JSON, see below")
    .option("--folder <folder>", "where to keep the copies")
    .option("--listen <host:port>", "where to listen (default 127.0.0.1:8080)")
    .option("--poll <seconds>", "seconds between two looks for new entries (default 60)", seconds)
    .option(
      "--cosign <file>",
      "read everything back, and sign that this mirror keeps it, with the key in this file",
    )
    .option("--witness <file>", "answer add-checkpoint of C2SP tlog-witness, with the key in this file")
    .option("--node <url>", "the RPC of the node that publishes IPNS names again")
    .option("--max-bytes <number>", "bytes that one log may take (default 10 GiB)", positive)
    .option("--max-entries <number>", "entries that one log may have (default 10000000)", positive)
    .option("--max-requests <number>", "requests for one log in a minute (default 6000)", positive)
    .addOption(trust())
    .addHelpText("after", commandHelp("serve"))
    .action((logs: string[], options: ServeCommandOptions) => serveLogs(invocation, logs, options));
}
