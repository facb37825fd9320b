import { deriveKeys } from "@remote-log/core";
import { ipfsRemote } from "@remote-log/ipfs";
import { gatewayRemote } from "@remote-log/ipfs/gateway";
import type { KuboServer } from "@remote-log/servers";
import { type CountsOfTasks, logTasks, type Service } from "../remote/log-tasks.ts";
import { countingFetch, RequestCounter } from "../remote/request-counter.ts";
import { TrafficRecorder } from "../remote/traffic.ts";
import type { Task } from "../task.ts";
import { RawNode } from "./raw-node.ts";

const GET_FLOOR = "the same blocks, bare block/get";

/**
 * A log on Kubo, each task beside the bare requests for the same blocks.
 *
 * @param nodes - three connected nodes: of the writer, of the bare puts, and one that has to fetch all from the first
 */
export function kuboTasks(nodes: readonly KuboServer[], folder: string, counts: CountsOfTasks): Task[] {
  const [home, floor, far] = nodes as [KuboServer, KuboServer, KuboServer];
  const counter = new RequestCounter();
  const traffic = new TrafficRecorder();
  const fetch = countingFetch(counter, (_, { pathname }) => {
    const command = /^\/api\/v0\/(.+)$/.exec(pathname)?.[1];
    return command ?? `/${pathname.split("/")[1]}`;
  });
  const service: Service<undefined> = {
    counter,
    traffic,
    newPlace: () => undefined,
    async writing(_, seed) {
      const nameKey = deriveKeys(seed).ipns;
      return traffic.watch(await ipfsRemote({ label: "ipfs", node: home.rpc, nameKey, fetch }));
    },
    putFloor: "the same blocks, bare block/put",
    publishGoal: { most: 1.8 },
    put: (_, bytes) => new RawNode(floor).putBlock(bytes),
    ways: [
      {
        name: "catch up through the RPC",
        floor: GET_FLOOR,
        goal: { most: 1.6 },
        open: async (_, name) =>
          traffic.watch(await ipfsRemote({ label: "ipfs", node: home.rpc, name, fetch })),
        get: (_, address) => new RawNode(home).getBlock(address),
        watched: true,
      },
      {
        name: "catch up through the gateway",
        floor: "the same blocks, bare gateway",
        goal: { most: 1.6 },
        open: (_, name) => traffic.watch(gatewayRemote({ label: "gateway", url: home.gateway, name, fetch })),
        get: (_, address) => new RawNode(home).getThroughGateway(address),
      },
      {
        name: "catch up through a node that has none of it",
        floor: GET_FLOOR,
        open: (_, name) => ipfsRemote({ label: "ipfs", node: far.rpc, name, fetch }),
      },
    ],
  };
  return logTasks(service, folder, counts);
}
