// Devices that sync by 2/MVDS over links, on a virtual clock.

import type { EngineOptions } from "@remote-log/mvds";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { countPayload } from "../figures/payload-bytes.ts";
import { Tally } from "../figures/tally.ts";
import { attend } from "../network/attendance.ts";
import type { Link, Packet } from "../network/link.ts";
import type { PresenceModel, Session } from "../network/presence.ts";
import type { MailWires } from "../services/mail-server.ts";
import { Device } from "./device.ts";
import { bodyOf, GROUP, hex } from "./message.ts";

/** A group of devices. */
export interface SyncWorldOptions {
  readonly seed: number;
  readonly devices: number;
  readonly payloadBytes: number;
  readonly epochMilliseconds: number;
  /** What every packet costs besides its payload, in bytes. */
  readonly packetBytes: number;
  readonly engine: Partial<EngineOptions>;
  readonly link: (wires: MailWires) => Link;
  /** When devices are online. Default: always. */
  readonly presence?: PresenceModel | undefined;
  /** What a device does while it is offline: its clock stands still, or its epochs pass and count as sent. Default `"sleeps"`. */
  readonly offline?: "sleeps" | "runs" | undefined;
  /** Whether devices notice when another one comes online. Default false. */
  readonly announces?: boolean | undefined;
  /** Called when a device has come online, with how often it has before. */
  readonly onSession?:
    | ((world: SyncWorld, device: Device, session: Session, index: number) => void)
    | undefined;
}

/** Devices in one group. */
export class SyncWorld {
  readonly clock: VirtualClock;
  readonly tally: Tally;
  readonly devices: Device[] = [];
  readonly #options: SyncWorldOptions;
  readonly #link: Link;
  readonly #byName = new Map<string, Device>();
  /** What ends the epochs of a device. */
  readonly #ticking = new Map<Device, () => void>();
  #acknowledged = 0;
  #made = 0;

  private constructor(options: SyncWorldOptions) {
    this.#options = options;
    this.clock = new VirtualClock(options.seed);
    this.tally = new Tally(options.payloadBytes, options.devices - 1);
    this.#link = options.link({
      clock: this.clock,
      sent: (packet) => this.#count(packet),
      arrived: (packet) => this.#arrive(packet),
      asked: (device, bytes) => {
        this.tally.bytes.add("header", bytes);
        this.#deviceOf(device).radio.use(this.clock.elapsed, bytes);
      },
    });
  }

  static async open(options: SyncWorldOptions): Promise<SyncWorld> {
    const world = new SyncWorld(options);
    const { clock, tally } = world;
    const names = Array.from({ length: options.devices }, (_, i) => `device ${i}`);
    for (const name of names) {
      const device = await Device.open({
        clock,
        name,
        engine: options.engine,
        onMessage: (id) => tally.deliveries.arrived(hex(id), clock.elapsed),
        onAcknowledged: () => world.#acknowledged++,
      });
      world.devices.push(device);
      world.#byName.set(name, device);
      await device.engine.setGroup(
        GROUP,
        names.filter((other) => other !== name),
      );
    }
    world.#start();
    return world;
  }

  /** Whether all devices know that everything has arrived. */
  get isOver(): boolean {
    return this.#acknowledged >= this.tally.expected;
  }

  /** A device writes a message. */
  readonly write = async (device: Device): Promise<void> => {
    const body = bodyOf(this.#made++, this.#options.payloadBytes);
    const sending = device.engine.send(GROUP, body, { parents: [] });
    const { id } = await sending;
    this.tally.deliveries.sent(hex(id), this.clock.elapsed);
  };

  /** Ends the run: counts what is still open. */
  async close(): Promise<Tally> {
    for (const { radio, engine } of this.devices) {
      this.tally.radioMilliseconds += radio.milliseconds;
      await engine.close();
    }
    return this.tally;
  }

  #start(): void {
    const { presence, epochMilliseconds, offline, announces, onSession } = this.#options;
    const { random } = this.clock.stream("epochs");
    for (const device of this.devices) {
      if (presence === undefined || offline === "runs") {
        this.#startTicking(device, random() * epochMilliseconds);
      }
    }
    if (presence === undefined) return;
    attend(this.clock, presence, this.devices, {
      comes: async (device, session, index) => {
        if (offline !== "runs") this.#startTicking(device, epochMilliseconds);
        this.#link.online?.(device);
        onSession?.(this, device, session, index);
        if (announces === true) await this.#announce(device);
      },
      goes: (device) => {
        if (offline !== "runs") this.#ticking.get(device)?.();
        device.radio.turnOff(this.clock.elapsed);
      },
    });
  }

  async #announce(device: Device): Promise<void> {
    for (const other of this.devices) {
      if (other === device || !other.online) continue;
      await other.engine.peerOnline(device.name);
      await device.engine.peerOnline(other.name);
    }
  }

  #startTicking(device: Device, milliseconds: number): void {
    this.#ticking.set(
      device,
      this.clock.schedule(() => this.#tick(device), milliseconds),
    );
  }

  async #tick(device: Device): Promise<void> {
    this.#startTicking(device, this.#options.epochMilliseconds);
    for (const { peer, payload } of await device.engine.tick()) {
      if (!device.online) continue;
      const to = this.#byName.get(peer)!;
      this.#link.send({ from: device, to, payload });
    }
  }

  #count({ from, to, payload }: Packet): void {
    const { tally, clock } = this;
    const { packetBytes } = this.#options;
    clock.trace.note(clock.elapsed, from.name, to.name, payload);
    countPayload(payload, tally.bytes, tally.records);
    tally.bytes.add("header", packetBytes);
    for (const { radio, online } of [from, to].map((one) => this.#deviceOf(one))) {
      if (online) radio.use(clock.elapsed, payload.length + packetBytes);
    }
  }

  #arrive({ from, to, payload }: Packet): void {
    this.clock.trace.note(this.clock.elapsed, to.name, " has", from.name);
    // Its clock fails if this does.
    this.clock.schedule(() => this.#deviceOf(to).engine.receive(from.name, payload), 0);
  }

  #deviceOf({ name }: { readonly name: string }): Device {
    return this.#byName.get(name)!;
  }
}
