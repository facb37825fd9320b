import { type Address, UnreachableError } from "@remote-log/core";
import { type OperationContext, readBody } from "@remote-log/core/adapter";
import { textOf } from "../errors.ts";
import { USUAL_BLOCK } from "../options.ts";
import type { RpcNode } from "./node.ts";

/** How much of an answer about a block is read, in bytes. */
const ANSWER_BYTES = 16 * 1024;

/** What a request needs besides what it is about. */
export interface BlockRequest {
  readonly signal: AbortSignal;
  readonly context: OperationContext;
}

/** The commands of a node about blocks: by its client where that knows how, else past it. */
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
  async put(block: Uint8Array, pin: boolean, { signal, context }: BlockRequest): Promise<string> {
    const { client } = this.#node;
    // Nodes before Kubo 0.40 have to be told that it is meant.
    const large = block.length > USUAL_BLOCK && { "allow-big-block": "true" };
    const kind = { "cid-codec": "raw", mhtype: "sha2-256", ...large };
    if (client !== undefined) return `${await client.block.put(block, { ...kind, pin, signal })}`;
    const query = { ...kind, pin: `${pin}` };
    const answer = await this.#call("block/put", { query, file: block }, { signal, context });
    return `${answer["Key"]}`;
  }

  /** Reads a block of at most so many bytes, for which the node looks for so many milliseconds. */
  async get(
    address: Address,
    { limit, milliseconds }: { readonly limit: number; readonly milliseconds: number },
    { signal, context }: BlockRequest,
  ): Promise<Uint8Array> {
    const { client, url } = this.#node;
    if (client !== undefined && url === undefined) {
      return client.block.get(`${address}` as never, { timeout: milliseconds, signal });
    }
    const query = { arg: `${address}`, timeout: `${milliseconds}ms` };
    const response = await this.#node.call("block/get", { query, signal, context });
    return readBody(response, { limit, operation: context.operation, what: `${address}` });
  }

  /** Whether the node itself has a block. */
  async has(address: Address, { signal, context }: BlockRequest): Promise<boolean> {
    const { client, url } = this.#node;
    try {
      if (client !== undefined && url === undefined) {
        await client.block.stat(`${address}` as never, { offline: true, signal });
        return true;
      }
      const query = { arg: `${address}`, offline: "true" };
      const answer = await this.#call("block/stat", { query }, { signal, context });
      if (answer["Key"] === `${address}`) return true;
      throw notKubo(context);
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Takes the pin of a block away; a block that is not pinned stays as it is. */
  async unpin(address: Address, { signal, context }: BlockRequest): Promise<void> {
    try {
      const answer = await this.#call("pin/rm", { query: { arg: `${address}` } }, { signal, context });
      const pins: unknown = answer["Pins"];
      if (!Array.isArray(pins) || !pins.includes(`${address}`)) throw notKubo(context);
    } catch (error) {
      if (!/not pinned/i.test(textOf(error))) throw error;
    }
  }

  async #call(
    command: string,
    what: { readonly query: Readonly<Record<string, string>>; readonly file?: Uint8Array },
    { signal, context }: BlockRequest,
  ): Promise<Readonly<Record<string, unknown>>> {
    const response = await this.#node.call(command, { ...what, signal, context });
    const { operation } = context;
    const bytes = await readBody(response, { limit: ANSWER_BYTES, operation, what: "the node's answer" });
    try {
      const answer: unknown = JSON.parse(new TextDecoder().decode(bytes));
      if (typeof answer === "object" && answer !== null) return answer as Record<string, unknown>;
    } catch {
      // No JSON.
    }
    throw notKubo(context);
  }
}

/** Whether the node said that it does not have a block, and looks no further. */
export function isNotFound(error: unknown): boolean {
  return /not found locally|could not find/i.test(textOf(error));
}

/** Something says yes to whatever it is asked: a page that wants a password, say. */
function notKubo({ operation, action }: OperationContext): UnreachableError {
  return new UnreachableError(
    `While ${action}, something answered that is not Kubo's RPC. Check the network, and the URL of the RPC.`,
    { operation },
  );
}
