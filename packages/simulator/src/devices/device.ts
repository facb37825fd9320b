// A device: a node of 2/MVDS with its database and its radio.

import { type Engine, type EngineOptions, openEngine } from "@remote-log/mvds";
import type { VirtualClock } from "../clock/virtual-clock.ts";
import { Radio } from "../figures/radio.ts";
import { newDatabase } from "./new-database.ts";

/** What a device does when something happens to it. */
export interface DeviceOptions {
  readonly clock: VirtualClock;
  readonly name: string;
  readonly engine: Partial<EngineOptions>;
  readonly onMessage: (id: Uint8Array) => void;
  readonly onAcknowledged: () => void;
}

/** A device. */
export class Device {
  readonly name: string;
  readonly radio: Radio = new Radio();
  readonly engine: Engine;
  online = true;

  private constructor(name: string, engine: Engine) {
    this.name = name;
    this.engine = engine;
  }

  static async open({ clock, name, engine, onMessage, onAcknowledged }: DeviceOptions): Promise<Device> {
    const { random } = clock.stream(`back-off of ${name}`);
    const database = newDatabase();
    return new Device(
      name,
      await openEngine({
        database,
        now: () => Math.floor(clock.now() / 1000),
        random,
        onMessage: ({ id }) => onMessage(id),
        onEvent: ({ kind }) => {
          if (kind === "acknowledged") onAcknowledged();
        },
        ...engine,
      }),
    );
  }
}
