// The passphrase of a seed: from a file, a variable or standard input, or asked for on a terminal. Never from the command line, which
// others on the machine can see.

import { CommandError } from "../errors/command-error.ts";
import { readInput } from "../files/read-input.ts";
import { readText, UnusableFile } from "../files/read-text.ts";
import { warnIfOpen } from "../files/warn-if-open.ts";
import { askSecret } from "../terminal/ask-secret.ts";
import type { Invocation } from "../terminal/invocation.ts";

/** The longest that is read, in bytes. */
const LONGEST = 1024;

/** The passphrase of one run. It is read, or asked for, once. */
export class Passphrase {
  readonly #invocation: Pick<Invocation, "signal" | "warn">;
  readonly #place: string | undefined;
  readonly #option: string;
  #known: Promise<string> | undefined;

  /**
   * @param place - a file, `env:NAME`, or `-` for standard input; default: nowhere
   * @param option - the option by which the command line says it
   */
  constructor(
    invocation: Pick<Invocation, "signal" | "warn">,
    place: string | undefined,
    option: string = "--passphrase-file",
  ) {
    this.#invocation = invocation;
    this.#place = place;
    this.#option = option;
  }

  /**
   * The passphrase that the command line says where to find; `undefined` if it does not.
   *
   * @param isNew - whether something is about to be sealed with it: then it is asked for twice if it is typed
   * @throws CommandError `ERR_SEED` if it is empty or too long
   * @throws an error of the system, such as `ENOENT`
   */
  async given({ isNew = false }: { readonly isNew?: boolean } = {}): Promise<string | undefined> {
    if (this.#place === undefined) return undefined;
    this.#known ??= this.#read(this.#place, isNew);
    return this.#known;
  }

  /**
   * The passphrase, which is needed for a file: it is asked for if the command line does not say where it is.
   *
   * @throws CommandError `ERR_SEED` if there is nobody to ask
   */
  async get(path: string): Promise<string> {
    const given = await this.given();
    if (given !== undefined) return given;
    this.#known ??= this.#ask(`Passphrase of ${path}: `);
    return this.#known;
  }

  /**
   * A passphrase that something is to be sealed with: it is asked for, twice, if the command line does not say where it is.
   *
   * @throws CommandError `ERR_SEED` if there is nobody to ask, or the two differ
   */
  async fresh(): Promise<string> {
    return (await this.given({ isNew: true })) ?? this.#askTwice("New passphrase: ");
  }

  /** The passphrase that was given, or typed before; `undefined` if there was none. */
  async known(): Promise<string | undefined> {
    return (await this.given()) ?? this.#known;
  }

  async #read(place: string, isNew: boolean): Promise<string> {
    if (place === "-" && process.stdin.isTTY === true) {
      return isNew ? this.#askTwice("Passphrase: ") : this.#ask("Passphrase: ");
    }
    const text = (await this.#readFrom(place)).replace(/\r?\n$/, "");
    if (text === "") throw unusable(place, "it is empty");
    return text;
  }

  async #readFrom(place: string): Promise<string> {
    const [, variable] = /^env:(.+)$/.exec(place) ?? [];
    if (variable !== undefined) return process.env[variable] ?? "";
    try {
      if (place === "-") return await readInput(LONGEST, this.#invocation.signal);
      const text = await readText(place, LONGEST);
      await warnIfOpen(this.#invocation, place, "whoever has the passphrase can open the seed");
      return text;
    } catch (error) {
      throw error instanceof UnusableFile ? unusable(place, error.message) : error;
    }
  }

  async #askTwice(question: string): Promise<string> {
    const typed = await this.#ask(question);
    if (typed === (await this.#ask("The same again: "))) return typed;
    throw new CommandError("ERR_SEED", "The two passphrases differ. Nothing was written.");
  }

  async #ask(question: string): Promise<string> {
    const answer = await askSecret(question, this.#invocation.signal);
    if (answer === undefined) {
      throw new CommandError(
        "ERR_SEED",
        `${question.replace(/: $/, "")} is needed: say where it is with ${this.#option}, as a file, env:NAME, or - for standard input.`,
      );
    }
    if (answer !== "") return answer;
    throw new CommandError("ERR_SEED", "The passphrase is empty. Nothing was changed.");
  }
}

function unusable(place: string, why: string): CommandError {
  const name = place === "-" ? "Standard input" : place.replace(/^env:/, "");
  return new CommandError("ERR_SEED", `${name} holds no passphrase: ${why}. Nothing was changed.`);
}
