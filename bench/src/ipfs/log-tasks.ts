import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { deriveKeys, generateSeed, openReader, openWriter, type Remote } from "@remote-log/core";
import { ipfsRemote } from "@remote-log/ipfs";
import { gatewayRemote } from "@remote-log/ipfs/gateway";
import type { KuboServer } from "@remote-log/servers";
import { ClassicLevel } from "classic-level";
import { payloads } from "../speed/append-tasks.ts";
import { secondsOf, type Task } from "../speed/task.ts";
import { type CountedFetch, countedFetch } from "./counted-fetch.ts";
import { each, RawNode } from "./raw-node.ts";

const ENTRIES = 10_000;
const BATCH = 100;
/** As many uploads and reads under way as the writer and the reader have. */
const UPLOADS_AT_ONCE = 16;
const READS_AT_ONCE = 128;

/** The log of this round, and what became of it. */
interface Round {
  readonly logId: string;
  readonly name: string;
  /** Every block that was put, in order. */
  readonly blocks: readonly Uint8Array[];
  /** Their addresses. */
  readonly addresses: readonly string[];
}

/** How many requests each task sent in its last run. */
export type RequestCounts = Map<string, Readonly<Record<string, number>>>;

/**
 * A log of 10,000 entries on Kubo, published in batches and read by readers that have nothing; each beside the bare
 * requests for the same blocks.
 *
 * @param nodes - three connected nodes: of the writer, of the bare puts, and one that has to fetch all from the first
 */
export function logTasks(nodes: readonly KuboServer[], folder: string, requests: RequestCounts): Task[] {
  const [home, floor, far] = nodes as [KuboServer, KuboServer, KuboServer];
  let round: Round | undefined;
  const unit = "s";
  const counted = (name: string, run: (counter: CountedFetch) => Promise<number>): Task["run"] => {
    return async () => {
      const counter = countedFetch();
      const seconds = await run(counter);
      requests.set(name, counter.take());
      return seconds;
    };
  };
  const task = (
    name: string,
    floorName: string | undefined,
    run: (counter: CountedFetch) => Promise<number>,
  ): Task => ({
    name,
    unit,
    ...(floorName !== undefined && { floor: floorName }),
    run: counted(name, run),
  });
  const putFloor = "the same blocks, bare block/put";
  const getFloor = "the same blocks, bare block/get";
  const gatewayFloor = "the same blocks, bare gateway";
  const publish = `publish ${ENTRIES} entries in batches of ${BATCH}`;
  // In the order of the rounds: each task works on the log that the first one wrote.
  return [
    task(publish, putFloor, async (counter) => {
      const written = await writeLog(home, folder, counter);
      round = written.round;
      return written.seconds;
    }),
    task(putFloor, undefined, () =>
      secondsOf(() => each(round!.blocks, UPLOADS_AT_ONCE, (block) => new RawNode(floor).putBlock(block))),
    ),
    task("catch up through the RPC", getFloor, (counter) =>
      readAll(rpcRemote(home, round!, counter), round!),
    ),
    task(getFloor, undefined, () =>
      secondsOf(() => each(round!.addresses, READS_AT_ONCE, (cid) => new RawNode(home).getBlock(cid))),
    ),
    task("catch up through the gateway", gatewayFloor, async () => readAll(gatewayOf(home, round!), round!)),
    task(gatewayFloor, undefined, () =>
      secondsOf(() =>
        each(round!.addresses, READS_AT_ONCE, (cid) => new RawNode(home).getThroughGateway(cid)),
      ),
    ),
    task("catch up through a node that has none of it", getFloor, (counter) =>
      readAll(rpcRemote(far, round!, counter), round!),
    ),
  ];
}

async function writeLog(
  { rpc }: KuboServer,
  folder: string,
  counter: CountedFetch,
): Promise<{ round: Round; seconds: number }> {
  const seed = generateSeed();
  const { storage, ...rest } = await ipfsRemote({
    label: "ipfs",
    node: rpc,
    nameKey: deriveKeys(seed).ipns,
    fetch: counter.fetch,
  });
  const blocks: Uint8Array[] = [];
  const addresses: string[] = [];
  const recording = {
    name: storage.name,
    capabilities: storage.capabilities,
    async put(content: Uint8Array, options?: { readonly signal?: AbortSignal }) {
      const address = await storage.put(content, options);
      blocks.push(content.slice());
      addresses.push(address.toString());
      return address;
    },
    get: storage.get.bind(storage),
    has: storage.has.bind(storage),
  };
  const remote: Remote = { ...rest, storage: recording };
  const journal = new ClassicLevel(await mkdtemp(join(folder, "journal-")));
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed,
    journal,
    remotes: [remote],
    publish: "manual",
  });
  try {
    const contents = payloads(ENTRIES);
    const seconds = await secondsOf(async () => {
      for (let from = 0; from < ENTRIES; from += BATCH) {
        await writer.appendAll(contents.slice(from, from + BATCH));
        await writer.publish();
      }
    });
    return { seconds, round: { logId: writer.logId, name: rest.name, blocks, addresses } };
  } finally {
    await writer.close();
    await storage.close?.();
    await rest.names.close?.();
  }
}

function rpcRemote({ rpc }: KuboServer, { name }: Round, counter: CountedFetch): Promise<Remote> {
  return ipfsRemote({ label: "ipfs", node: rpc, name, fetch: counter.fetch });
}

function gatewayOf({ gateway }: KuboServer, { name }: Round): Remote {
  return gatewayRemote({ label: "gateway", url: gateway, name });
}

async function readAll(opening: Remote | Promise<Remote>, { logId }: Round): Promise<number> {
  const remote = await opening;
  const reader = await openReader({ logId, remotes: [remote] });
  try {
    let read = 0;
    const seconds = await secondsOf(async () => {
      for await (const _ of reader.from(0)) read++;
    });
    if (read !== ENTRIES) throw new Error(`${read} entries were read, not ${ENTRIES}.`);
    return seconds;
  } finally {
    await reader.close();
    await remote.storage.close?.();
    await remote.names.close?.();
  }
}
