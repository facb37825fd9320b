// Store and forward: a server that keeps payloads for devices that are offline.

import type { VirtualClock } from "../clock/virtual-clock.ts";
import type { Attendee } from "../network/attendance.ts";
import { type Link, type LinkQuality, latencyOf, type Packet, type Wires } from "../network/link.ts";
import { sessionsOf } from "../network/presence.ts";

/** A server for store and forward. */
export interface MailServerOptions extends LinkQuality {
  /** The share of the time for which it is there. */
  readonly availability: number;
  /** How long it is there at a stretch, in milliseconds. */
  readonly upMilliseconds: number;
  /** How often a device that is online asks again while the server is away, in milliseconds. */
  readonly askMilliseconds: number;
  /** The bytes of asking for what is there. */
  readonly askBytes: number;
}

/** What a mail server needs besides what every link does. */
export interface MailWires extends Wires {
  /** Counts bytes that are no payload. */
  readonly asked: (device: Attendee, bytes: number) => void;
}

/**
 * All payloads go to a server, which hands them to a device that is online at once, and to others when they ask. What is sent while the
 * server is away is lost. Each payload is sent twice: to the server, and from it.
 */
export function mailServerLink(wires: MailWires, options: MailServerOptions): Link {
  const { clock, sent, arrived, asked } = wires;
  const seeded = clock.stream("link");
  const server = { isUp: false };
  void keepUp(clock, server, options);
  const boxes = new Map<Attendee, Packet[]>();

  const handOver = (packet: Packet): void => {
    sent(packet);
    clock.schedule(
      () => {
        if (packet.to.online) arrived(packet);
        else keep(packet);
      },
      latencyOf(options, seeded),
    );
  };
  const keep = (packet: Packet): void => {
    const box = boxes.get(packet.to);
    if (box === undefined) boxes.set(packet.to, [packet]);
    else box.push(packet);
  };
  const ask = (device: Attendee): void => {
    if (!device.online) return;
    if (!server.isUp) {
      clock.schedule(() => ask(device), options.askMilliseconds);
      return;
    }
    asked(device, options.askBytes);
    const waiting = boxes.get(device) ?? [];
    boxes.delete(device);
    for (const packet of waiting) handOver(packet);
  };
  return {
    send(packet) {
      sent(packet);
      if (seeded.random() < options.loss) return;
      clock.schedule(
        () => {
          if (!server.isUp) return;
          if (packet.to.online) handOver(packet);
          else keep(packet);
        },
        latencyOf(options, seeded),
      );
    },
    online: (device) => ask(device),
  };
}

async function keepUp(
  clock: VirtualClock,
  server: { isUp: boolean },
  { availability, upMilliseconds }: MailServerOptions,
): Promise<void> {
  const model = { share: availability, sessionMilliseconds: upMilliseconds };
  for (const { begin, end } of sessionsOf(model, clock.stream("mail server"))) {
    await clock.wait(begin - clock.elapsed);
    server.isUp = true;
    await clock.wait(end - clock.elapsed);
    server.isUp = false;
  }
}
