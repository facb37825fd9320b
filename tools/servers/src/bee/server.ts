// Starts Bee nodes for tests.

import { provideBinary } from "../binary.ts";
import { launchProgram, type ServerFiles } from "../launch-program.ts";
import type { Notice } from "../notice.ts";
import { type BeeControl, beeControl } from "./control.ts";
import { bee } from "./program.ts";
import { beeRequest } from "./request.ts";

/** Settings of {@link startBee}. */
export interface BeeOptions {
  /** How many nodes share the network. Default 1. */
  readonly nodes?: number;
  /** Origins that browsers may call from, with commas between them. Default `"*"`. */
  readonly cors?: string;
  /** How long it may take from start to answer, in milliseconds; a build does not count. Default 180,000. */
  readonly deadline?: number;
  /** Gives up building or starting. Nodes that are up stay up. */
  readonly signal?: AbortSignal;
  /** Told when a build begins, and when the nodes end by themselves. Default: a line on standard error. */
  readonly notice?: Notice;
}

/** What to buy. */
export interface BatchOptions {
  /** How many chunks it pays for, as a power of two, in 65,536 buckets: 17 or more. Default 20. */
  readonly depth?: number;
  /**
   * What it pays for each chunk, in PLUR, of which a block takes 24,000: more than 414,720,000, which is the least that Bee
   * takes and lasts for a day. Default `"10000000000"`, which is 24 days.
   */
  readonly amount?: string;
  /** Whether a full bucket refuses; otherwise it forgets its oldest chunk. Default `true`. */
  readonly immutable?: boolean;
  /** Which node buys it, and alone can use it: an index of {@link BeeServer.nodes}. Default 0. */
  readonly node?: number;
  readonly signal?: AbortSignal;
}

/** Bee nodes with one network and one chain in memory, on 127.0.0.1 alone. */
export interface BeeServer extends BeeControl, ServerFiles {
  readonly name: "bee";
  /** The version of Bee, such as `2.8.1`. */
  readonly version: string;
  /** Where the first node listens: `http://127.0.0.1:<port>`. Whoever reaches it may do everything. */
  readonly url: string;
  /** Where each node listens. */
  readonly nodes: readonly string[];
  /** Where faults are set and the chain is moved. */
  readonly control: string;
  /**
   * Buys a batch of stamps by Bee's own call, one after another. It can be used at once, except while the chain is held.
   *
   * @returns its id, 64 hex digits
   * @throws ServerError `ERR_SERVER_REQUEST`
   * @throws the reason of the signal
   */
  buyBatch(options?: BatchOptions): Promise<string>;
  /** Ends all nodes by their pid and removes their temporary folder. Safe to call twice. */
  stop(): Promise<void>;
}

type Places = Pick<BeeServer, "version" | "nodes" | "control">;

/**
 * Starts Bee nodes that know each other alone. Built first if this machine has none.
 *
 * @throws RangeError if `nodes` is no whole number of 1 or more
 * @throws ServerError if it can't be had, built or started
 * @throws the reason of the signal
 */
export async function startBee(options: BeeOptions = {}): Promise<BeeServer> {
  const { nodes: count = 1, cors = "*", deadline, signal, notice } = options;
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`There can't be ${count} nodes.`);
  const launched = await launchProgram({
    name: bee.name,
    command: (await provideBinary(bee, { signal, notice })).path,
    plan: () => ({ args: ["-cors", cors, "-nodes", `${count}`], env: {} }),
    ready: async (_folder, patience, printed) => {
      const places = placesIn(await printed());
      if (places === undefined) return undefined;
      for (const node of places.nodes) {
        await beeRequest(node, { method: "GET", path: "/readiness", signal: patience });
      }
      return places;
    },
    deadline,
    signal,
    notice,
  });
  const { nodes, control, version } = launched.found;
  // Bee refuses a purchase while another one is under way.
  const purchases = new Map<string, Promise<unknown>>();
  return {
    name: "bee",
    version,
    url: nodes[0]!,
    nodes,
    control,
    folder: launched.folder,
    log: launched.log,
    ...beeControl(control),
    buyBatch: async ({ node = 0, ...batch } = {}) => {
      const place = nodes[node];
      if (place === undefined)
        throw new RangeError(`There is no node ${node}, only ${nodes.length} of them.`);
      const before = purchases.get(place) ?? Promise.resolve();
      const bought = before.then(() => buyBatch(place, batch));
      purchases.set(
        place,
        bought.catch(() => undefined),
      );
      return bought;
    },
    stop: () => launched.stop(),
  };
}

/** The line that says where everything listens; `undefined` as long as it is not there as a whole. */
function placesIn(printed: string): Places | undefined {
  const line = /^\{.*\}(?=\n)/m.exec(printed)?.[0];
  return line === undefined ? undefined : (JSON.parse(line) as Places);
}

async function buyBatch(place: string, options: Omit<BatchOptions, "node">): Promise<string> {
  const { depth = 20, amount = "10000000000", immutable = true, signal } = options;
  const bought = await beeRequest(place, {
    method: "POST",
    path: `/stamps/${amount}/${depth}`,
    headers: { immutable: `${immutable}` },
    signal,
  });
  return (bought as { batchID: string }).batchID;
}
