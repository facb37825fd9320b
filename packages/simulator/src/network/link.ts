// What becomes of a payload on its way from one device to another.

import type { Seeded } from "../clock/seeded.ts";
import type { VirtualClock } from "../clock/virtual-clock.ts";
import type { Attendee } from "./attendance.ts";

/** A payload on its way. */
export interface Packet {
  readonly from: Attendee;
  readonly to: Attendee;
  readonly payload: Uint8Array;
}

/** Carries payloads. */
export interface Link {
  /** Takes a payload from a device that is online. */
  send(packet: Packet): void;
  /** A device has come online. */
  online?(device: Attendee): void;
}

/** What a link needs of the world that it is part of. */
export interface Wires {
  readonly clock: VirtualClock;
  /** Counts what goes from one device, or server, to another. */
  readonly sent: (packet: Packet) => void;
  /** Hands a payload over. */
  readonly arrived: (packet: Packet) => void;
}

/** As in the simulations of 2019: a coin for each packet, which arrives at once or never. */
export function coinLink({ clock, sent, arrived }: Wires, share: number): Link {
  const { random } = clock.stream("coin");
  return {
    send(packet) {
      sent(packet);
      if (random() < share) arrived(packet);
    },
  };
}

/** How good a link is. */
export interface LinkQuality {
  /** How long a packet takes, in milliseconds; half of it is left to chance. */
  readonly latencyMilliseconds: number;
  /** The share of packets that are lost although both ends are online. */
  readonly loss: number;
}

/** A link between two devices: a packet arrives if the other one is online then. */
export function directLink({ clock, sent, arrived }: Wires, quality: LinkQuality): Link {
  const seeded = clock.stream("link");
  return {
    send(packet) {
      sent(packet);
      if (seeded.random() < quality.loss) return;
      clock.schedule(
        () => {
          if (packet.to.online) arrived(packet);
        },
        latencyOf(quality, seeded),
      );
    },
  };
}

/** How long this packet takes. */
export function latencyOf({ latencyMilliseconds }: LinkQuality, { random }: Seeded): number {
  return latencyMilliseconds * (0.75 + random() / 2);
}
