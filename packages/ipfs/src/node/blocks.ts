// The commands of a node about blocks (Kubo RPC: `block/put`, `block/get`, `block/stat`, `pin/rm`).

import { type Address, UnreachableError } from "@remote-log/core";
import { type Call, decodeUtf8Loosely, type OperationContext, readBody } from "@remote-log/core/adapter";
import { USUAL_BLOCK } from "../blocks/sizes.ts";
import { statusOf, wordsOf } from "../http/errors.ts";
import { readAnswer } from "../http/read-answer.ts";
import type { RpcNode } from "./rpc.ts";

/** How much of an answer about a block is read, in bytes. */
const ANSWER_BYTES = 16 * 1024;

/** What a node says that does not have a block, and asks nobody else. */
const ABSENT = /not found locally|could not find/i;

/** What a node says of a block that has no pin. */
const NOT_PINNED = /not pinned/i;

/**
 * The commands of a node about blocks. They go through its client if that has a method that bounds what it reads; others are
 * sent without it.
 */
export class Blocks {
  readonly #node: RpcNode;

  constructor(node: RpcNode) {
    this.#node = node;
  }

  /**
   * Stores a raw block.
   *
   * @returns its CID, as the node says
   */
  async put(block: Uint8Array, pin: boolean, { signal, context }: Call): Promise<string> {
    const { client } = this.#node;
    if (client !== undefined) return `${await client.block.put(block, { ...kindOf([block]), pin, signal })}`;
    const query = { ...kindOf([block]), pin: `${pin}` };
    const answer = await this.#call("block/put", { query, files: [block] }, { signal, context });
    return `${answer["Key"]}`;
  }

  /** Whether several blocks can be stored by one command: the method of a client takes one. */
  get takesMany(): boolean {
    return this.#node.client === undefined;
  }

  /**
   * Stores raw blocks, one after the other, by one command.
   *
   * @returns their CIDs, as the node says; fewer if it stopped on the way, of which it gives no reason that can be read here
   */
  async putMany(blocks: readonly Uint8Array[], pin: boolean, call: Call): Promise<readonly string[]> {
    const query = { ...kindOf(blocks), pin: `${pin}` };
    const answers = await this.#answers("block/put", { query, files: blocks }, call);
    if (answers.length > blocks.length) throw notKubo(call.context);
    return answers.map((answer) => `${answer["Key"]}`);
  }

  /**
   * Reads a block.
   *
   * @param limit - the most bytes to read
   * @param milliseconds - how long the node looks for the block among its peers; `undefined` to ask its own store alone
   * @returns `undefined` if the node said that it does not have the block, and asks nobody else
   */
  async get(
    address: Address,
    { limit, milliseconds }: { readonly limit: number; readonly milliseconds: number | undefined },
    call: Call,
  ): Promise<Uint8Array | undefined> {
    return unlessAbsent(undefined, () => this.#get(address, limit, milliseconds, call));
  }

  async #get(
    address: Address,
    limit: number,
    milliseconds: number | undefined,
    { signal, context }: Call,
  ): Promise<Uint8Array> {
    const { client, url } = this.#node;
    if (client !== undefined && url === undefined) {
      const where = milliseconds === undefined ? { offline: true } : { timeout: milliseconds };
      return client.block.get(`${address}` as never, { ...where, signal });
    }
    const where = milliseconds === undefined ? { offline: "true" } : { timeout: `${milliseconds}ms` };
    const query = { arg: `${address}`, ...where };
    const response = await this.#node.call("block/get", { query, signal, context });
    return readBody(response, { limit, operation: context.operation, what: `${address}` });
  }

  /** Whether the node itself has a block. */
  async has(address: Address, call: Call): Promise<boolean> {
    const { client, url } = this.#node;
    return unlessAbsent(false, async () => {
      if (client !== undefined && url === undefined) {
        await client.block.stat(`${address}` as never, { offline: true, signal: call.signal });
        return true;
      }
      const answer = await this.#call("block/stat", { query: { arg: `${address}`, offline: "true" } }, call);
      if (answer["Key"] === `${address}`) return true;
      throw notKubo(call.context);
    });
  }

  /** Removes the pin of a block. If it has none, nothing changes. */
  async unpin(address: Address, call: Call): Promise<void> {
    try {
      const answer = await this.#call("pin/rm", { query: { arg: `${address}` } }, call);
      const pins: unknown = answer["Pins"];
      if (!Array.isArray(pins) || !pins.includes(`${address}`)) throw notKubo(call.context);
    } catch (error) {
      if (!nodeSays(error, NOT_PINNED)) throw error;
    }
  }

  async #call(command: string, what: Command, call: Call): Promise<Answer> {
    const [answer, ...more] = await this.#answers(command, what, call);
    if (answer === undefined || more.length > 0) throw notKubo(call.context);
    return answer;
  }

  /** Sends a command, and reads its answers: one in a line (newline-delimited JSON), and at least one. */
  async #answers(command: string, what: Command, { signal, context }: Call): Promise<readonly Answer[]> {
    const response = await this.#node.call(command, { ...what, signal, context });
    const { operation } = context;
    const refusal = (): Error => notKubo(context);
    const bytes = await readAnswer(response, { limit: ANSWER_BYTES, operation, refusal });
    const lines = decodeUtf8Loosely(bytes).trimEnd().split("\n");
    return lines.map((line) => answerIn(line) ?? refuse());
    function refuse(): never {
      throw refusal();
    }
  }
}

/** A command, without what every one has. */
interface Command {
  readonly query: Readonly<Record<string, string>>;
  readonly files?: readonly Uint8Array[];
}

type Answer = Readonly<Record<string, unknown>>;

/** One answer of a command; `undefined` for what is no object in JSON. */
function answerIn(line: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(line);
    return typeof answer === "object" && answer !== null ? (answer as Answer) : undefined;
  } catch {
    return undefined;
  }
}

/** What blocks are stored as. Nodes before Kubo 0.40 refuse a large one unless they are told that it is meant. */
function kindOf(blocks: readonly Uint8Array[]): Readonly<Record<string, string>> {
  const large = blocks.some(({ length }) => length > USUAL_BLOCK) && { "allow-big-block": "true" };
  return { "cid-codec": "raw", mhtype: "sha2-256", ...large };
}

/** Gives an answer in place of the node's words that it does not have a block, and asks nobody else. */
async function unlessAbsent<T, U>(answer: U, ask: () => Promise<T>): Promise<T | U> {
  try {
    return await ask();
  } catch (error) {
    if (nodeSays(error, ABSENT)) return answer;
    throw error;
  }
}

/** Whether a node said something. It does so with status 500, unlike what may be in front of it. */
function nodeSays(error: unknown, words: RegExp): boolean {
  return statusOf(error) === 500 && words.test(wordsOf(error));
}

/** Something answers 200 to every request: a page that asks for a password, say. */
function notKubo({ operation, action }: OperationContext): UnreachableError {
  return new UnreachableError(
    `While ${action}, something answered that is not Kubo's RPC. Check the network, and the URL of the RPC.`,
    { operation, reason: "wrong-service" },
  );
}
