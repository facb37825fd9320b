import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { type Run, runInProcess } from "./in-process.ts";

/** How long a process may print nothing while a test waits for its output, in milliseconds: then it hangs. */
const LONGEST_SILENCE = 180_000;

const program = fileURLToPath(new URL("../dist/bin.js", import.meta.url));
// Taken once: a run within this process has another environment for as long as it lasts.
const inherited = { ...process.env };

/** A run of `rlog` that is under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Run>;
  /** Resolves when standard output holds the text. Rejects if the process ends, or prints nothing for three minutes. */
  shows(text: string): Promise<void>;
  /** What standard output holds so far. */
  printed(): string;
  /** The same as `shows` for standard error. */
  warns(text: string): Promise<void>;
}

/** A folder of its own for one test, with what runs of `rlog` in it need. */
export class Place {
  readonly folder: string;
  /** Further variables of the environment in which `rlog` runs. */
  env: Readonly<Record<string, string>> = {};
  /** Whether what is run to its end within this process writes to a terminal. */
  terminal = false;
  readonly #apart: boolean;
  #remotes = 0;

  private constructor(folder: string, apart: boolean) {
    this.folder = folder;
    this.#apart = apart;
  }

  /**
   * Makes a place.
   *
   * @param options - `apart`: whether each run is a process of its own; default: what is run to its end is not
   */
  static async make({ apart = false }: { readonly apart?: boolean } = {}): Promise<Place> {
    const folder = await mkdtemp(join(tmpdir(), "rlog-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return new Place(folder, apart);
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** The URI of a folder in it. */
  uri(name = `remote-${this.#remotes++}`): string {
    return pathToFileURL(this.path(name)).href;
  }

  /** Runs `rlog` to its end. */
  rlog(words: readonly string[], input?: string | Uint8Array): Promise<Run> {
    const { folder, terminal } = this;
    if (!this.#apart) return runInProcess(words, { folder, env: this.#env(), input, terminal });
    const { child, ended } = this.start(words);
    child.stdin!.end(input);
    return ended;
  }

  /** Runs `rlog` and expects it to succeed. */
  async ok(words: readonly string[], input?: string | Uint8Array): Promise<Run> {
    const run = await this.rlog(words, input);
    if (run.code !== 0) throw new Error(`rlog ${words.join(" ")} ended with ${run.code}: ${run.err}`);
    return run;
  }

  /** Starts `rlog` as a process of its own; it is killed if it outlives the test. */
  start(words: readonly string[], node: readonly string[] = []): Running {
    const child = spawn(process.execPath, [...node, program, ...words], {
      cwd: this.folder,
      env: this.#env(),
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    child.stdin.on("error", () => undefined);
    const printed = { out: "", err: "" };
    let lastPrinted = performance.now();
    for (const [name, stream] of [
      ["out", child.stdout],
      ["err", child.stderr],
    ] as const) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed[name] += text;
        lastPrinted = performance.now();
      });
    }
    let open = true;
    const ended = new Promise<Run>((resolve) =>
      child.on("close", (code) => {
        open = false;
        resolve({ code, ...printed });
      }),
    );
    const holds = async (name: "out" | "err", text: string): Promise<void> => {
      const asked = performance.now();
      while (!printed[name].includes(text)) {
        if (!open) throw new Error(`rlog ended before it showed ${text}: ${printed.err}`);
        if (performance.now() - Math.max(asked, lastPrinted) > LONGEST_SILENCE)
          throw new Error(`rlog hangs before it shows ${text}: ${printed.out} ${printed.err}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const shows = (text: string): Promise<void> => holds("out", text);
    const warns = (text: string): Promise<void> => holds("err", text);
    return { child, ended, shows, warns, printed: () => printed.out };
  }

  /** Starts a log with one remote. It is public, so that its id and its remote are enough to read it, unless it is to be private. */
  async log({
    visibility = "public",
    args = [],
  }: {
    readonly visibility?: "public" | "private";
    readonly args?: readonly string[];
  } = {}): Promise<{
    readonly id: string;
    readonly remote: string;
    readonly uri: string;
  }> {
    const name = `remote-${this.#remotes++}`;
    const uri = this.uri(name);
    const { out } = await this.ok([
      "init",
      ...(visibility === "public" ? ["--public"] : []),
      "--remote",
      uri,
      ...args,
    ]);
    return { id: out.trim(), remote: this.path(name), uri };
  }

  #env(): NodeJS.ProcessEnv {
    const own = { RLOG_DIR: "", RLOG_STATE: "", XDG_STATE_HOME: this.path("state-home") };
    return { ...inherited, ...own, ...this.env };
  }
}
