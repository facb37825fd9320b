// The experiment of 2019: two devices, and a coin for each packet.

import {
  type BackOff,
  constantBackOff,
  exponentialBackOff,
  linearBackOff,
  type Mode,
} from "@remote-log/mvds";
import { SyncWorld } from "../devices/sync-world.ts";
import { coinLink } from "../network/link.ts";
import type { Run } from "./run.ts";

/** The back-offs that are compared. */
export const BACK_OFFS: Readonly<Record<BackOffName, BackOff>> = {
  constant: constantBackOff(1),
  // As the programs of 2019 do, without a bound.
  "epoch + 2 · count": linearBackOff({ step: 2, most: 2 ** 30 }),
  exponential: exponentialBackOff({ first: 2, most: 3600 }),
};

/** The name of a back-off. */
export type BackOffName = "constant" | "epoch + 2 · count" | "exponential";

/** One run with coins. */
export interface CoinOptions {
  readonly seed: number;
  readonly mode: Mode;
  readonly backOff: BackOffName;
  /** How likely a packet arrives. */
  readonly share: number;
  readonly messages: number;
  /** The time between them, in milliseconds. Default: five seconds, as in 2019. */
  readonly apartMilliseconds?: number | undefined;
}

/** What 2019 assumed: messages of 256 bytes, an epoch a second. */
export const PAYLOAD_BYTES = 256;
export const EPOCH_MILLISECONDS = 1000;
const APART_MILLISECONDS = 5000;

/** Two devices that send each other messages; every packet passes or not by a coin, and none of them ever sleeps. */
export async function runCoin(options: CoinOptions): Promise<Run> {
  const { seed, mode, backOff, share, messages, apartMilliseconds = APART_MILLISECONDS } = options;
  const world = await SyncWorld.open({
    seed,
    devices: 2,
    payloadBytes: PAYLOAD_BYTES,
    epochMilliseconds: EPOCH_MILLISECONDS,
    packetBytes: 0,
    engine: { mode, backOff: BACK_OFFS[backOff], maxRequestCount: Number.POSITIVE_INFINITY },
    link: (wires) => coinLink(wires, share),
  });
  for (let i = 0; i < messages; i++) {
    world.clock.schedule(() => world.write(world.devices[i % 2]!), 1 + i * apartMilliseconds);
  }
  await world.clock.runUntil(messages * apartMilliseconds);
  await world.clock.runUntil(Number.POSITIVE_INFINITY, () => world.isOver);
  const { elapsed, trace } = world.clock;
  return { tallies: [await world.close()], elapsed, trace: trace.digest };
}
