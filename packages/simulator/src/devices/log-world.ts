// Devices that sync by remote logs alone, on a virtual clock.

import { useEnvironment } from "@remote-log/core/environment";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { Tally } from "../figures/tally.ts";
import { attend } from "../network/attendance.ts";
import type { PresenceModel, Session } from "../network/presence.ts";
import type { CostModel } from "../services/cost-models.ts";
import { LogDevice } from "./log-device.ts";
import { bodyOf, GROUP, hex } from "./message.ts";

/** A group of devices with logs. */
export interface LogWorldOptions {
  readonly seed: number;
  readonly devices: number;
  readonly payloadBytes: number;
  readonly model: CostModel;
  readonly visibility: "private" | "public";
  readonly presence: PresenceModel;
  /** How often a device that is online reads the other logs, in milliseconds. */
  readonly pollMilliseconds: number;
  /** Called when a device has come online, with how often it has before. */
  readonly onSession?:
    | ((world: LogWorld, device: LogDevice, session: Session, index: number) => void)
    | undefined;
}

/** Devices with logs, in one group. One world at a time: the core of the whole process goes by its clock until it is closed. */
export class LogWorld {
  readonly clock: VirtualClock;
  readonly devices: LogDevice[] = [];
  tally: Tally;
  readonly #options: LogWorldOptions;
  /** Ends that the core goes by the clock of this world. */
  readonly #giveBack: () => void;
  #acknowledged = 0;
  #made = 0;
  #began = 0;

  private constructor(options: LogWorldOptions) {
    this.#options = options;
    this.clock = new VirtualClock(options.seed);
    this.#giveBack = useEnvironment(this.clock);
    this.tally = new Tally(options.payloadBytes, options.devices - 1);
  }

  /** Makes the logs, and lets each device find those of the others; none of that counts. */
  static async open(options: LogWorldOptions): Promise<LogWorld> {
    const world = new LogWorld(options);
    const { clock, tally } = world;
    for (let i = 0; i < options.devices; i++) {
      const device = new LogDevice(`device ${i}`, {
        clock,
        tally,
        model: options.model,
        visibility: options.visibility,
        onMessage: (id) => tally.deliveries.arrived(hex(id), clock.elapsed),
        onAcknowledged: () => world.#acknowledged++,
      });
      world.devices.push(device);
    }
    await world.#setUp();
    world.#start();
    return world;
  }

  /** Whether all devices know that everything has arrived. */
  get isOver(): boolean {
    return this.#acknowledged >= this.tally.expected;
  }

  /** For how long the world has been running, in milliseconds, without what it takes to set it up. */
  get elapsed(): number {
    return this.clock.elapsed - this.#began;
  }

  /** A device writes a message, and publishes it. */
  readonly write = async (device: LogDevice): Promise<void> => {
    const sent = this.clock.elapsed;
    const { id } = await device.node.send(GROUP, bodyOf(this.#made++, this.#options.payloadBytes), {
      parents: [],
    });
    this.tally.deliveries.sent(hex(id), sent);
    await device.flush();
    await device.publish();
  };

  /** Ends the run: counts what is still open. */
  async close(): Promise<Tally> {
    for (const device of this.devices) {
      this.tally.radioMilliseconds += device.radio.milliseconds;
      this.tally.storedBytes += device.service.storedBytes;
      device.online = false;
    }
    const closing = Promise.all(this.devices.map((device) => device.close()));
    await this.clock.runWhile(closing);
    this.#giveBack();
    return this.tally;
  }

  async #setUp(): Promise<void> {
    const { clock, devices } = this;
    const names = devices.map(({ name }) => name);
    await clock.runWhile(Promise.all(devices.map((device) => device.open())));
    for (const device of devices) {
      const others = devices.filter((other) => other !== device);
      await clock.runWhile(Promise.all(others.map((other) => device.follow(other))));
      await clock.runWhile(
        device.node.setGroup(
          GROUP,
          names.filter((name) => name !== device.name),
        ),
      );
      await clock.runWhile(device.sync());
      device.radio.turnOff(clock.elapsed);
      device.radio.reset();
    }
    this.tally.reset();
    this.#began = clock.elapsed;
  }

  #start(): void {
    const { presence, pollMilliseconds, onSession } = this.#options;
    attend(this.clock, presence, this.devices, {
      comes: async (device, session, index) => {
        onSession?.(this, device, session, index);
        while (this.clock.elapsed < session.end && device.online) {
          await device.sync();
          // What it has read, and what an earlier session left.
          await device.publish();
          await this.clock.wait(pollMilliseconds);
        }
      },
      goes: (device) => device.radio.turnOff(this.clock.elapsed),
    });
  }
}
