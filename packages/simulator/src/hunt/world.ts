// The devices, places and readers of a run, and what each step does with them.

import { type DeviceSeed, deviceSeed } from "@remote-log/core";
import { delay } from "@remote-log/core/adapter";
import { Device, type DeviceOptions } from "./device.ts";
import type { DiskImage } from "./disk.ts";
import { losesContents } from "./faults.ts";
import { Follower } from "./follower.ts";
import { Place } from "./place.ts";
import { Promises } from "./promises.ts";
import type { Schedule, Scheduled } from "./schedule.ts";

const RECOVERY_SEED: Uint8Array = new Uint8Array(32).fill(11);

/** Small pages, so that a short log has all there is to an index. */
const SMALL = { leafSize: 2, fanOut: 2 } as const;

// The way from the recovery seed to a device's is long, and the same in every run.
const seeds = new Map<number, Promise<DeviceSeed>>();
function seedOf(generation: number): Promise<DeviceSeed> {
  const seed = seeds.get(generation) ?? deviceSeed(RECOVERY_SEED, generation);
  seeds.set(generation, seed);
  return seed;
}

/** Everything in a run. */
export class World {
  readonly promises: Promises = new Promises();
  readonly places: readonly Place[];
  readonly devices: Device[];
  readonly followers: readonly Follower[];
  readonly #schedule: Schedule;
  readonly #backups: {
    readonly image: DiskImage | undefined;
    readonly size: number;
    readonly generation: number;
  }[] = [];
  // What each device and reader still has to do.
  readonly #queues = new Map<Device | Follower, Promise<void>>();
  readonly #note: (line: string) => void;

  constructor(schedule: Schedule, note: (line: string) => void) {
    this.#schedule = schedule;
    this.#note = note;
    const { places, headsAreObjects } = schedule;
    this.places = Array.from({ length: places }, (_, i) => new Place(`place ${i}`, headsAreObjects));
    this.devices = [this.#device("a")];
    this.followers = [
      new Follower("the first reader", this.places, this.promises),
      new Follower("the second reader", this.places.slice(-1), this.promises),
    ];
  }

  /** What readers need to know, once there is a log. */
  get log(): { readonly logId: string; readonly readKey: Device["readKey"] } | undefined {
    const { logId, readKey } = this.devices[0]!;
    return logId === undefined ? undefined : { logId, readKey };
  }

  /** Begins a step, after all that its device or reader has to do before. */
  begin(step: Scheduled): Promise<void> {
    const actor =
      "device" in step
        ? this.devices[step.device % this.devices.length]!
        : "follower" in step
          ? this.followers[step.follower]!
          : undefined;
    if (actor === undefined) return this.#happen(step);
    const before = this.#queues.get(actor) ?? Promise.resolve();
    const doing = before.then(() =>
      actor instanceof Device ? this.#doOnDevice(actor, step) : this.#doOnFollower(actor, step),
    );
    this.#queues.set(actor, doing);
    // Whoever waits for all of them hears of it.
    doing.catch(() => undefined);
    return doing;
  }

  /** Waits until everything that has begun is done. */
  async settle(): Promise<void> {
    for (const doing of this.#queues.values()) await doing;
  }

  async #happen(step: Scheduled): Promise<void> {
    if (step.kind === "wait") await delay(step.milliseconds, undefined);
    if (!("place" in step)) return;
    const place = this.places[step.place]!;
    if (step.kind === "fault") {
      place.faults.begin(step.fault, step.calls);
      if (losesContents(step.fault)) place.isHarmed = true;
    } else if (step.kind === "heal") place.faults.end();
    else if (step.kind === "remember") place.remember();
    else if (step.kind === "empty") place.empty();
    else if (step.kind === "go-back") place.goBack(step.which);
    else if (step.kind === "lose-one") place.loseOne(step.which);
  }

  async #doOnFollower(follower: Follower, step: Scheduled): Promise<void> {
    const { log } = this;
    if (step.kind === "follow" && log !== undefined)
      this.#note(`${follower.name}: ${await follower.follow(log, step.from)}`);
    if (step.kind === "reopen-follower") await follower.close();
  }

  async #doOnDevice(device: Device, step: Scheduled): Promise<void> {
    const result = await this.#act(device, step);
    if (result !== undefined) this.#note(`${device.name} ${step.kind}: ${result}`);
  }

  async #act(device: Device, step: Scheduled): Promise<string | undefined> {
    switch (step.kind) {
      case "append":
        return device.do(step.kind, (writer) => device.append(writer, step.lengths, step.snapshot));
      case "publish":
        return device.do(step.kind, (writer) => writer.publish());
      case "repair":
        return device.do(step.kind, async (writer) => void (await writer.repair()));
      case "remove":
        return device.do(step.kind, (writer) => device.remove(writer, step.at, step.count));
      case "keep-newest":
        return device.do(step.kind, (writer) => device.remove(writer, 0, writer.size - step.entries));
      case "rotate":
        return this.#rotate(device);
      case "reopen":
        await device.close();
        return;
      case "die":
        device.dieAfter(step.steps, step.spared);
        return;
      case "backup":
        this.#backups.push({ ...(await device.backup()), generation: device.generation });
        return;
      case "put-back":
        return this.#putBack(device, step.keepsWitness);
      case "clone":
        return this.#clone(device);
      default:
        return;
    }
  }

  async #rotate(device: Device): Promise<string | undefined> {
    // A private log gets another read key with it, which its readers would have to be told.
    if (this.#schedule.isPrivate || device.logId === undefined || device.generation > 2) return;
    await device.close();
    device.generation++;
    return device.do("rotates", (writer) => writer.rotateSigningKey(RECOVERY_SEED));
  }

  #putBack(device: Device, keepsWitness: boolean): undefined {
    const backup = this.#backups[this.#backups.length - 1];
    if (backup?.image === undefined) return;
    this.promises.putBack(backup.size);
    device.putBack(backup.image, keepsWitness);
    device.needsRecovery ||= keepsWitness;
  }

  async #clone(device: Device): Promise<undefined> {
    if (this.devices.length > 1 || device.logId === undefined) return;
    const { image, size } = await device.backup();
    if (image === undefined) return;
    this.promises.putBack(size);
    const other = this.#device("b");
    other.logId = device.logId;
    other.readKey = device.readKey;
    other.putBack(image, false);
    this.devices.push(other);
  }

  #device(name: string): Device {
    const { isPrivate, isAutomatic, hasWitness, isLong } = this.#schedule;
    const shared: DeviceOptions = {
      name,
      places: this.places,
      promises: this.promises,
      hasWitness,
      seedOf,
      options: {
        publish: isAutomatic ? "auto" : "manual",
        settings: { visibility: isPrivate ? "private" : "public", ...(isLong ? {} : SMALL) },
        leastCapacity: 1000,
        largestEmbedded: 40,
      },
    };
    return new Device(shared);
  }
}
