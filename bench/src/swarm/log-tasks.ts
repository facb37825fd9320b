import { deriveKeys } from "@remote-log/core";
import { swarmRemote } from "@remote-log/swarm";
import { type CountsOfTasks, logTasks, type Service } from "../remote/log-tasks.ts";
import { countingFetch, RequestCounter } from "../remote/request-counter.ts";
import { TrafficRecorder } from "../remote/traffic.ts";
import type { Task } from "../task.ts";

/** A node, and the batch of stamps that pays. */
export interface PaidNode {
  readonly url: string;
  readonly stamp: string;
}

/**
 * A log on Swarm, each task beside the bare requests for the same chunks.
 *
 * The bare uploads send other chunks of the same lengths: a node takes one that it has already without storing it.
 */
export function chunkTasks({ url, stamp }: PaidNode, folder: string, counts: CountsOfTasks): Task[] {
  const counter = new RequestCounter();
  const traffic = new TrafficRecorder();
  const counting = countingFetch(counter, (method, { pathname }) => `${method} /${pathname.split("/")[1]}`);
  const fetch: typeof counting = async (at, init) => {
    if (init.body instanceof Uint8Array) traffic.put(init.body);
    const response = await counting(at, init);
    const chunk = /^\/chunks\/([0-9a-f]+)$/.exec(new URL(at).pathname)?.[1];
    // Whoever looks for the end of a feed asks for chunks that are not there.
    if (chunk !== undefined && response.ok) traffic.get(chunk);
    return response;
  };
  const service: Service<{ owner: string }> = {
    counter,
    traffic,
    newPlace: () => ({ owner: "" }),
    writing(place, seed) {
      const remote = swarmRemote({ bee: url, stamp, nameKey: deriveKeys(seed).swarm, fetch });
      place.owner = remote.owner;
      return remote;
    },
    putFloor: "chunks of the same lengths, bare POST /chunks",
    publishGoal: { most: 1.5 },
    async put(_, bytes) {
      const body = new Uint8Array(bytes);
      body[body.length - 1]! ^= 0xff;
      const headers = { "content-type": "application/octet-stream", "swarm-postage-batch-id": stamp };
      await take(await globalThis.fetch(`${url}/chunks`, { method: "POST", headers, body }));
    },
    ways: [
      {
        name: "catch up",
        floor: "the same chunks, bare GET /chunks",
        goal: { most: 1.5 },
        open: ({ owner }) => swarmRemote({ bee: url, owner, fetch }),
        get: async (_, chunk) => take(await globalThis.fetch(`${url}/chunks/${chunk}`)),
      },
    ],
  };
  return logTasks(service, folder, counts);
}

async function take(response: Response): Promise<void> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${response.status}: ${new TextDecoder().decode(bytes)}`);
}
