// The words of the command, and what it says.

import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { type AdapterName, standaloneName, workspaceName } from "./adapter-name.ts";
import { CreateAdapterError } from "./create-adapter-error.ts";
import { createStandalone } from "./standalone.ts";
import { type AdapterKind, adapterKinds, packagesOfClone } from "./template.ts";
import { createInWorkspace, findWorkspace } from "./workspace.ts";

/** Where the program runs. */
export interface ProgramOptions {
  /** The current folder. */
  readonly folder: string;
  /** Writes to standard output. */
  readonly print: (text: string) => void;
  /** Writes to standard error. */
  readonly complain: (text: string) => void;
}

const help = `Begins an adapter of a remote log: a package that passes the conformance suite as it is.

  npm create @remote-log/adapter NAME           in a new folder; NAME is that of the package,
  pnpm create @remote-log/adapter NAME          such as my-store or @you/remote-log-my-store
  pnpm new:adapter NAME                         in packages/NAME of the repository of remote-log

  --kind KIND   what the service is like: http (answers with statuses; the default), key-value (keys with a
                compare-and-set: the shortest), sql (a database behind a pool of connections)
  --workspace   make packages/NAME of the repository that the current folder is in
  --help        show this text

Nothing that exists is overwritten. Exit codes: 0 done, 1 failed, 2 the words of the command can't be used.
`;

/**
 * Runs the program.
 *
 * @param words - the words after its name
 * @returns the exit code: 0 done, 1 failed, 2 the words can't be used
 */
export async function runCreateAdapter(words: readonly string[], options: ProgramOptions): Promise<number> {
  try {
    const { values, positionals } = parse(words);
    if (values.help) {
      options.print(help);
      return 0;
    }
    const [text, ...others] = positionals;
    if (text === undefined) throw usage("Say what the adapter is called");
    if (others.length > 0) throw usage(`One name is wanted, and there are ${positionals.length}`);
    const { folder, print } = options;
    const kind = kindOf(values.kind);
    print(
      values.workspace
        ? await inWorkspace(workspaceName(text), folder, kind)
        : await alone(standaloneName(text), folder, kind),
    );
    return 0;
  } catch (error) {
    options.complain(`create-adapter: ${error instanceof Error ? error.message : String(error)}\n`);
    const isUsage =
      error instanceof CreateAdapterError && ["ERR_USAGE", "ERR_INVALID_NAME"].includes(error.code);
    return isUsage ? 2 : 1;
  }
}

async function alone(name: AdapterName, parent: string, kind: AdapterKind): Promise<string> {
  const made = await createStandalone(name, parent, kind);
  const folder = relative(parent, made);
  const clone = await packagesOfClone();
  // Before the packages are published, those of the clone that this program is part of.
  const install =
    clone === undefined
      ? "npm install"
      : `npm install ${["core", "conformance"].map((one) => relative(made, join(clone, one))).join(" ")}`;
  return `Made ${name.packageName} in ${folder}. It passes the conformance suite as it is, with maps in the place of the service. Next:

  cd ${folder}
  ${install}
  npm test

Then put your service in the place of src/client.ts, and the meaning of its answers into src/errors.ts.
Before you publish it, choose a licence: add a file LICENSE, and change "license" in package.json.
`;
}

async function inWorkspace(name: AdapterName, current: string, kind: AdapterKind): Promise<string> {
  const root = await findWorkspace(current);
  const { changed, unchanged } = await createInWorkspace(name, root, kind);
  const path = `packages/${name.folder}`;
  const byHand = unchanged.map(
    (file) => `Not changed, for its form is not the expected one: ${file}. Add ${path}.\n`,
  );
  return `Made ${name.packageName} in ${path}, and changed ${changed.join(", ")}.
${byHand.join("")}It passes the conformance suite as it is, with maps in the place of the service. Next:

  pnpm install
  pnpm vitest run ${path}

Then put your service in the place of src/client.ts, and the meaning of its answers into src/errors.ts.
If it needs Node.js, take ${path}/src out of the list of packages for browsers in biome.json.
For a column in docs/compatibility.md, add it to the adapters in tools/conformance.mjs, and run pnpm matrix.
`;
}

function kindOf(text: string | undefined): AdapterKind {
  const kind = adapterKinds.find((one) => one === (text ?? "http"));
  if (kind !== undefined) return kind;
  throw usage(`There is no kind ${JSON.stringify(text)}: take ${adapterKinds.join(", ")}`);
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        kind: { type: "string" },
        workspace: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message.replace(/\.$/, "") : String(error), error);
  }
}

function usage(message: string, cause?: unknown): CreateAdapterError {
  return new CreateAdapterError("ERR_USAGE", `${message}. Add --help to see how it is used.`, cause);
}
