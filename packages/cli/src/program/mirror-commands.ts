// The commands for those who keep copies of logs and names of others.

import type { Command } from "commander";
import { type KeepCommandOptions, keep } from "../commands/keep.ts";
import { type MirrorCommandOptions, mirror } from "../commands/mirror.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { commandHelp } from "./command-help.ts";
import { readerCommand } from "./commands.ts";
import { hours, seconds, trust } from "./option-values.ts";

/** Adds the commands for those who keep copies of logs and names of others. */
export function addMirrorCommands(program: Command, invocation: Invocation): void {
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
}
