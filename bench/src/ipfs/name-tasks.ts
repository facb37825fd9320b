import { deriveKeys, generateSeed, type Revision } from "@remote-log/core";
import { ipfsRemote } from "@remote-log/ipfs";
import type { KuboServer } from "@remote-log/servers";
import { secondsOf, type Task } from "../task.ts";
import { RawNode } from "./raw-node.ts";

/** About the head of a log with a page that is half full. */
const HEAD_BYTES = 3000;

/** A block that every node has: the empty one, inside its own address. */
const EMPTY = "bafkqaaa";

const TIMES = 20;

/**
 * Setting a name on one node and reading it on another, of a small network of their own: ours beside what Kubo does
 * with its own keys. Ours stores the head as well.
 */
export async function nameTasks(nodes: readonly KuboServer[]): Promise<Task[]> {
  const [home, , far] = nodes as [KuboServer, KuboServer, KuboServer];
  const seed = generateSeed();
  const nameKey = deriveKeys(seed).ipns;
  const remote = await ipfsRemote({ label: "home", node: home.rpc, nameKey });
  const reading = await ipfsRemote({ label: "far", node: far.rpc, name: remote.name });
  let revision: Revision | null = null;
  const key = `bench-${Date.now()}`;
  const raw = new RawNode(home);
  const kuboName = await raw.makeKey(key);
  const each = async (work: () => Promise<unknown>): Promise<number> => {
    const seconds = await secondsOf(async () => {
      for (let i = 0; i < TIMES; i++) await work();
    });
    return (seconds / TIMES) * 1000;
  };
  const unit = "ms";
  return [
    {
      name: "publish a head (block and record)",
      unit,
      floor: "Kubo's own name/publish",
      goal: { most: 2 },
      run: () =>
        each(async () => {
          const head = globalThis.crypto.getRandomValues(new Uint8Array(HEAD_BYTES));
          revision = await remote.names.update(remote.name, head, { expected: revision });
        }),
    },
    { name: "Kubo's own name/publish", unit, run: () => each(() => raw.publishName(key, EMPTY)) },
    {
      name: "resolve on another node, head and all",
      unit,
      floor: "Kubo's own name/resolve",
      run: () => each(() => reading.names.resolve(remote.name)),
    },
    { name: "Kubo's own name/resolve", unit, run: () => each(() => new RawNode(far).resolveName(kuboName)) },
  ];
}
