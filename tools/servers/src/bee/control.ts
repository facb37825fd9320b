// What goes wrong in a network of Bee nodes, when a test says so.

import { beeRequest } from "./request.ts";

/** What goes wrong in the network of the nodes. */
export interface BeeFaults {
  /** How many of the next pushes are confirmed and lost. Default 0. */
  readonly losePushes: number;
  /** Whether nodes find nobody to push to, so that direct uploads never end. Default `false`. */
  readonly noPeers: boolean;
  /** How long every push and every retrieval takes, in milliseconds. Default 0. */
  readonly delayMilliseconds: number;
  /** Whether retrievals end with an error that is not "not found". Default `false`. */
  readonly failRetrievals: boolean;
  /** How many of the newest single-owner chunks the look-up of feeds does not find. Default 0. */
  readonly feedsHideNewest: number;
  /** Whether every probe of the look-up of feeds fails. Default `false`. */
  readonly feedsFail: boolean;
  /** Whether the first of two chunks with one address stays; otherwise the newest does. Default `false`. */
  readonly firstSurvives: boolean;
}

/** Breaks the network of the nodes, and moves their chain. Each rejects with a ServerError `ERR_SERVER_REQUEST`. */
export interface BeeControl {
  /** Sets all faults: one that is left out is off. */
  setFaults(faults: Partial<BeeFaults>): Promise<void>;
  /** Lets blocks of 5 seconds pass; each costs every batch 24,000 PLUR a chunk, and one that has no more expires. */
  passBlocks(count: number): Promise<void>;
  /**
   * Whether the chain stands still when a batch is bought; otherwise 10 blocks pass then, after which it is usable.
   * Ending the hold moves nothing: what was bought meanwhile is usable 10 blocks later.
   */
  hold(held: boolean): Promise<void>;
  /**
   * Drops a chunk from the network, as happens when its stamp has expired. A node that has read it keeps it.
   *
   * @param address - 64 hex digits; one that the network does not have is refused
   */
  forget(address: string): Promise<void>;
  /** How many chunks the network has, and how many pushes were made, lost ones counted. */
  counts(): Promise<{ readonly chunks: number; readonly pushes: number }>;
}

/**
 * Makes the calls for one network.
 *
 * @param place - where its control listens: `http://127.0.0.1:<port>`
 */
export function beeControl(place: string): BeeControl {
  return {
    async setFaults(faults) {
      await beeRequest(place, { method: "PUT", path: "/faults", body: JSON.stringify(faults) });
    },
    async passBlocks(count) {
      await beeRequest(place, { method: "POST", path: `/blocks?count=${count}` });
    },
    async hold(held) {
      await beeRequest(place, { method: "PUT", path: `/hold?held=${held}` });
    },
    async forget(address) {
      await beeRequest(place, { method: "POST", path: `/forget/${address}` });
    },
    async counts() {
      const counts = await beeRequest(place, { method: "GET", path: "/counts" });
      return counts as { chunks: number; pushes: number };
    },
  };
}
