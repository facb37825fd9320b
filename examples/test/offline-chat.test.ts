import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@remote-log/test-kit";
import { expect, onTestFinished, test } from "vitest";

const program = fileURLToPath(new URL("../offline-chat/chat.mjs", import.meta.url));

/** A device with a terminal. */
class Terminal {
  readonly #folder: string;
  readonly #name: string;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  /** What it printed since it was last started. */
  lines: string[] = [];
  /** Its errors, since then. */
  errors = "";

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  start(...more: readonly string[]): void {
    const [own, shared] = [join(this.#folder, this.#name), join(this.#folder, "shared")];
    const words = ["--folder", own, "--shared", shared, "--name", this.#name, "--poll", "50", ...more];
    const child = spawn(process.execPath, [program, ...words], { stdio: ["pipe", "pipe", "pipe"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    this.lines = [];
    this.errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.errors += text;
    });
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.lines.push(...lines);
    });
    this.#ended = new Promise((resolve) => child.on("close", resolve));
    this.#child = child;
  }

  type(line: string): void {
    this.#child!.stdin!.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    this.#child!.kill("SIGKILL");
    await this.#ended;
  }

  async quit(): Promise<unknown> {
    this.type("/quit");
    return this.#ended;
  }

  async shows(text: string): Promise<string> {
    const shown = (): string | undefined => this.lines.find((line) => line.includes(text));
    await until(() => shown() !== undefined, { what: `${this.#name} to see "${text}"` });
    return shown()!;
  }

  /** Waits until the others can read everything that was typed. */
  async publishes(): Promise<void> {
    await until(
      async () => {
        this.lines = this.lines.filter((line) => !line.startsWith("= "));
        this.type("/who");
        await this.shows("= here:");
        return !this.lines.some((line) => line.includes("to be published"));
      },
      { what: `${this.#name} to publish` },
    );
  }

  /** The messages that it shows, without their times. */
  get messages(): readonly string[] {
    return this.lines.filter((line) => /^\d\d:\d\d /.test(line)).map((line) => line.slice(6));
  }
}

test("a chat goes through an unplugged device, a kill, and a come-back, and ends in one order", async () => {
  const folder = await mkdtemp(join(tmpdir(), "offline-chat-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [alice, bob] = [new Terminal(folder, "Alice"), new Terminal(folder, "Bob")];
  alice.start();
  alice.type("hello");
  alice.type("/invite");
  const invite = (await alice.shows("rlog-invite:")).slice(2);
  bob.start("--invite", invite);
  await bob.shows("Alice: hello");
  bob.type("hello, Alice");
  await alice.shows("Bob: hello, Alice");

  bob.type("/unplug");
  bob.type("on the train");
  await bob.shows("Bob: on the train");
  await bob.kill();
  alice.type("are you there?");
  await alice.publishes();
  await alice.kill();

  // Bob comes back while Alice is gone, and the other way round.
  bob.start();
  await bob.shows("Alice: are you there?");
  await bob.publishes();
  await bob.quit();
  alice.start();
  await alice.shows("Bob: on the train");
  alice.type("/who");
  await alice.shows("here: Alice, Bob");
  await alice.quit();

  const seen: (readonly string[])[] = [];
  for (const terminal of [alice, bob]) {
    terminal.start();
    await until(() => terminal.messages.length === 4, { what: "all four messages" });
    seen.push(terminal.messages);
    const code = await terminal.quit();
    expect([code, terminal.errors]).toEqual([0, ""]);
  }
  expect(seen[0]).toEqual([
    "Alice: hello",
    "Bob: hello, Alice",
    "Bob: on the train",
    "Alice: are you there?",
  ]);
  expect(seen[1]).toEqual(seen[0]);
});
