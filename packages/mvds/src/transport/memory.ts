// A network within one process, for tests: it loses what it is told to lose.

import { UnreachableError } from "@remote-log/core";
import { throwIfAborted } from "@remote-log/core/adapter";
import { ArrivalQueue } from "./arrival-queue.ts";
import type { Transport } from "./transport.ts";

/** Options of {@link memoryNetwork}. */
export interface MemoryNetworkOptions {
  /** Says which payloads are lost on their way. Default: none. */
  readonly loses?: ((from: string, to: string, payload: Uint8Array) => boolean) | undefined;
}

/** A network within one process. */
export interface MemoryNetwork {
  /** The transport of a peer, which is online at first. */
  transport(peer: string): Transport;
  /** Says whether a peer is online: whoever is not gets nothing, and what it sends fails. */
  setOnline(peer: string, online: boolean): void;
}

/**
 * Makes a network within one process, for tests and examples.
 *
 * @example
 * ```ts
 * import { memoryNetwork } from "@remote-log/mvds";
 *
 * const network = memoryNetwork({ loses: () => Math.random() < 0.1 });
 * const alice = network.transport("alice");
 * await alice.send("bob", new Uint8Array([1])).catch(() => console.log("bob is not there"));
 * ```
 */
export function memoryNetwork({ loses = () => false }: MemoryNetworkOptions = {}): MemoryNetwork {
  const queues = new Map<string, ArrivalQueue>();
  const offline = new Set<string>();
  const queueOf = (peer: string): ArrivalQueue => {
    const queue = queues.get(peer) ?? new ArrivalQueue();
    queues.set(peer, queue);
    return queue;
  };
  return {
    transport: (self) => {
      const queue = queueOf(self);
      return {
        async send(peer, payload, { signal } = {}) {
          throwIfAborted(signal);
          if (offline.has(self) || offline.has(peer) || !queues.has(peer)) {
            throw new UnreachableError(`Peer ${JSON.stringify(peer)} can't be reached.`, {
              operation: "transport.send",
            });
          }
          if (!loses(self, peer, payload)) queueOf(peer).push({ peer: self, payload: payload.slice() });
        },
        receive: (options) => queue.take(options),
      };
    },
    setOnline(peer, online) {
      const wasOffline = offline.has(peer);
      if (online === !wasOffline) return;
      if (!online) {
        offline.add(peer);
        return;
      }
      offline.delete(peer);
      for (const [other, queue] of queues) {
        if (other === peer || offline.has(other)) continue;
        queue.push({ peer });
        queueOf(peer).push({ peer: other });
      }
    },
  };
}
