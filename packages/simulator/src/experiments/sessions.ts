// Devices that are online in sessions, as people are: the experiments that the authors of 2019 meant to do.

import type { Mode } from "@remote-log/mvds";
import { SyncWorld } from "../devices/sync-world.ts";
import type { Tally } from "../figures/tally.ts";
import { directLink, type LinkQuality } from "../network/link.ts";
import type { PresenceModel } from "../network/presence.ts";
import { type MailServerOptions, mailServerLink } from "../services/mail-server.ts";
import { BACK_OFFS, type BackOffName, EPOCH_MILLISECONDS, PAYLOAD_BYTES } from "./coin.ts";
import type { Run } from "./run.ts";

/** A packet between phones: it takes 80 ms, and one of 100 is lost. */
const LINK: LinkQuality = { latencyMilliseconds: 80, loss: 0.01 };

/** What a packet costs besides its payload: TCP and IP (40 bytes), a record of TLS (22). */
const PACKET_BYTES = 62;

/** A mail server that is there for 90 % of the time, nine hours at a stretch. */
const MAIL_SERVER: MailServerOptions = {
  ...LINK,
  availability: 0.9,
  upMilliseconds: 9 * 3_600_000,
  askMilliseconds: 30_000,
  askBytes: 200,
};

/** Runs with sessions. */
export interface SessionsOptions {
  readonly seed: number;
  /** How often the run is repeated, each time with another seed. */
  readonly trials: number;
  readonly devices: number;
  /** How many messages each device writes, one in each of its sessions. */
  readonly messages: number;
  readonly presence: PresenceModel;
  readonly mode: Mode;
  readonly backOff: BackOffName;
  /** Whether payloads go through a mail server. Default false. */
  readonly mailServer?: boolean | undefined;
  readonly offline?: "sleeps" | "runs" | undefined;
  readonly announces?: boolean | undefined;
  /** How long a run may be, in milliseconds: what has not arrived by then is lost. */
  readonly most: number;
}

/** Devices that are online in sessions, and write in them. */
export async function runSessions(options: SessionsOptions): Promise<Run> {
  const tallies: Tally[] = [];
  let elapsed = 0;
  let trace = "";
  for (let trial = 0; trial < options.trials; trial++) {
    const { clock, tally } = await runTrial(options, options.seed + trial);
    tallies.push(tally);
    elapsed += clock.elapsed;
    trace += clock.trace.digest.slice(0, 8);
  }
  return { tallies, elapsed, trace };
}

async function runTrial(
  options: SessionsOptions,
  seed: number,
): Promise<{ readonly clock: SyncWorld["clock"]; readonly tally: Tally }> {
  const { devices, messages, presence, mode, backOff, mailServer, offline, announces, most } = options;
  let written = 0;
  const world = await SyncWorld.open({
    seed,
    devices,
    payloadBytes: PAYLOAD_BYTES,
    epochMilliseconds: EPOCH_MILLISECONDS,
    packetBytes: PACKET_BYTES,
    engine: { mode, backOff: BACK_OFFS[backOff] },
    link: (wires) => (mailServer === true ? mailServerLink(wires, MAIL_SERVER) : directLink(wires, LINK)),
    presence,
    offline,
    announces,
    onSession: ({ clock, write }, device, { begin, end }, index) => {
      if (index >= messages) return;
      const at = begin + clock.stream(`writes ${device.name} ${index}`).random() * (end - begin);
      clock.schedule(async () => {
        await write(device);
        written++;
      }, at - clock.elapsed);
    },
  });
  await world.clock.runUntil(most, () => written === messages * devices && world.isOver);
  return { clock: world.clock, tally: await world.close() };
}
