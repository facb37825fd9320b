// One log on several places at once, which are in trouble one after another while it is written and read.

import { join } from "node:path";
import { generateSeed, openReader, openWriter, type Writer } from "@remote-log/core";
import { ClassicLevel } from "classic-level";
import { describeRun } from "../describe-run.ts";
import { beePlace } from "./bee-place.ts";
import { bucketPlace } from "./bucket-place.ts";
import { textOf } from "./contents.ts";
import { folderPlace } from "./folder-place.ts";
import { kuboPlace } from "./kubo-place.ts";
import { type SoakPlace, STOPS_PUBLISHING, type Trouble } from "./place.ts";
import { SoakReader } from "./reader.ts";
import type { LagSample, SoakReport, TroubleWindow } from "./report.ts";

/** How a soak is run. */
export interface SoakOptions {
  readonly rate: number;
  readonly seconds: number;
  /** Where the journal and the folder are. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** How long everything may take to be whole again: for a machine that hangs. */
const LIMIT_SECONDS = 900;
const APPENDS_A_SECOND = 20;

/** Runs it: what is wrong is in the report. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const seed = generateSeed();
  const places: SoakPlace[] = [];
  try {
    places.push(
      await folderPlace(options.folder),
      await bucketPlace(),
      await kuboPlace(seed),
      await beePlace(seed),
    );
    return await new Soak(options, seed, places).run();
  } finally {
    await Promise.all(places.map((place) => place.stop()));
  }
}

class Soak {
  readonly #options: SoakOptions;
  readonly #seed: Uint8Array;
  readonly #places: readonly SoakPlace[];
  readonly #windows: TroubleWindow[] = [];
  readonly #samples: LagSample[] = [];
  readonly #latencies: number[] = [];
  readonly #wrong: string[] = [];
  #start = 0;

  constructor(options: SoakOptions, seed: Uint8Array, places: readonly SoakPlace[]) {
    this.#options = options;
    this.#seed = seed;
    this.#places = places;
  }

  async run(): Promise<SoakReport> {
    const { rate, seconds, folder } = this.#options;
    const writer = await openWriter({
      seed: this.#seed,
      journal: new ClassicLevel(join(folder, "journal")),
      remotes: this.#places.map(({ writing }) => writing),
      publishedWhen: 2,
      requestMilliseconds: 10_000,
    });
    try {
      const readers = this.#readersOf(writer);
      this.#start = performance.now();
      for (const reader of readers) reader.start();
      const until = this.#start + seconds * 1000;
      const sampling = this.#sampleUntil(() => this.#ended, writer, readers);
      await Promise.all([this.#append(writer, until), this.#trouble(writer, until)]);
      const repairedAfter = await this.#becomeWhole(writer, readers);
      this.#ended = true;
      await sampling;
      for (const reader of readers) {
        await reader.stop();
        this.#wrong.push(...reader.wrong.map((what) => `${reader.name}: ${what}`));
      }
      for (const place of this.#places) await this.#checkCold(writer, place);
      return {
        run: describeRun(),
        rate,
        seconds,
        labels: this.#places.map(({ label }) => label),
        appended: writer.size,
        windows: this.#windows,
        samples: this.#samples,
        readers: readers.map(({ name, delivered, errors }) => ({ name, delivered, errors })),
        published: this.#publishedTimes(),
        repairedAfter,
        wrong: this.#wrong,
      };
    } finally {
      await writer.close();
    }
  }

  #ended = false;

  get #now(): number {
    return (performance.now() - this.#start) / 1000;
  }

  #readersOf({ logId, readKey: key }: Writer): SoakReader[] {
    const subsets = {
      "reader of folder and minio": [0, 1],
      "reader of kubo and bee": [2, 3],
      "reader of all": [0, 1, 2, 3],
    };
    return Object.entries(subsets).map(
      ([name, chosen]) =>
        new SoakReader({ name, logId, key, remotes: chosen.map((i) => this.#places[i]!.reading) }),
    );
  }

  async #append(writer: Writer, until: number): Promise<void> {
    const each = Math.max(1, Math.round(this.#options.rate / APPENDS_A_SECOND));
    for (let turn = 1; performance.now() < until; turn++) {
      const contents = Array.from({ length: each }, (_, i) => Buffer.from(textOf(writer.size + i)));
      const receipts = await writer.appendAll(contents);
      const appended = performance.now();
      receipts[0]!.published().then(
        () => this.#latencies.push(performance.now() - appended),
        (error: unknown) => this.#wrong.push(`an entry was not published: ${String(error)}`),
      );
      await sleep(this.#start + (turn * 1000) / APPENDS_A_SECOND - performance.now());
    }
  }

  // Each place in each of its troubles, so that one ends before the next begins.
  async #trouble(writer: Writer, until: number): Promise<void> {
    const all: { readonly place: SoakPlace; readonly trouble: Trouble }[] = [];
    const most = Math.max(...this.#places.map(({ troubles }) => troubles.length));
    for (let i = 0; i < most; i++) {
      for (const place of this.#places) {
        const trouble = place.troubles[i];
        if (trouble !== undefined) all.push({ place, trouble });
      }
    }
    const each = (until - performance.now()) / (all.length + 1);
    await sleep(each / 2);
    for (const { place } of all.slice(0, this.#places.length)) await place.remember?.();
    for (const { place, trouble } of all) {
      const from = this.#now;
      const before = publishedOn(writer, place);
      await place.begin(trouble);
      const atBegin = publishedOn(writer, place);
      await sleep(each * 0.7);
      this.#checkStatus(writer, place, trouble, Math.max(before, atBegin));
      await place.end();
      this.#windows.push({ label: place.label, trouble, from, to: this.#now });
      this.#options.say(`${this.#now.toFixed(0)} s: ${place.label} was ${trouble}`);
      await sleep(each * 0.3);
    }
  }

  #checkStatus(writer: Writer, { label }: SoakPlace, trouble: Trouble, before: number): void {
    const { size, remotes } = writer.status();
    const status = remotes.find((remote) => remote.label === label)!;
    if (!STOPS_PUBLISHING.has(trouble)) return;
    // One publish may have been on its way.
    if (status.published >= size && size > before)
      this.#wrong.push(`status says that ${label} has all ${size} entries while it is ${trouble}`);
    if (trouble !== "frozen" && status.error === undefined)
      this.#options.say(`status gives no error of ${label}, which is ${trouble}: it is being tried`);
  }

  async #sampleUntil(ended: () => boolean, writer: Writer, readers: readonly SoakReader[]): Promise<void> {
    while (!ended()) {
      const at = this.#now;
      const { size, remotes } = writer.status();
      for (const { label, published } of remotes) this.#samples.push({ label, at, lag: size - published });
      for (const { name, delivered } of readers)
        this.#samples.push({ label: name, at, lag: size - delivered });
      await sleep(500);
    }
  }

  async #becomeWhole(writer: Writer, readers: readonly SoakReader[]): Promise<number> {
    const from = this.#now;
    const isWhole = (): boolean =>
      writer
        .status()
        .remotes.every(({ confirmed, error }) => confirmed === writer.size && error === undefined) &&
      readers.every(({ delivered }) => delivered === writer.size);
    for (let tries = 0; !isWhole() && this.#now - from < LIMIT_SECONDS; tries++) {
      // A place that was emptied is filled by the next publish that looks, or by a repair.
      if (tries % 40 === 39) {
        const { remotes } = await writer.repair({ reads: true }).catch((error: unknown) => {
          this.#options.say(`repair: ${String(error)}`);
          return { remotes: [] };
        });
        for (const { label, putBack } of remotes) this.#options.say(`${label}: ${putBack} objects put back`);
      }
      if (tries % 20 === 19) this.#sayWhoLacks(writer, readers);
      await sleep(500);
    }
    if (!isWhole()) {
      for (const { label, confirmed, error } of writer.status().remotes)
        if (confirmed !== writer.size || error !== undefined)
          this.#wrong.push(`${label} has ${confirmed} of ${writer.size} entries: ${String(error)}`);
      for (const { name, delivered } of readers)
        if (delivered !== writer.size) this.#wrong.push(`${name} has ${delivered} of ${writer.size} entries`);
    }
    const took = this.#now - from;
    // What nobody looked for may be missing all the same.
    const { remotes } = await writer.repair({ reads: true });
    for (const { label, putBack, checked } of remotes)
      this.#options.say(`${label}: ${putBack} of ${checked} objects were still missing`);
    return took;
  }

  #sayWhoLacks(writer: Writer, readers: readonly SoakReader[]): void {
    const { size, remotes } = writer.status();
    for (const { label, published, confirmed, error } of remotes)
      if (confirmed !== size || error !== undefined)
        this.#options.say(
          `${label}: published ${published}, confirmed ${confirmed} of ${size}, ${String(error)}`,
        );
    for (const { name, delivered, errors } of readers)
      if (delivered !== size)
        this.#options.say(`${name}: ${delivered} of ${size}, ${JSON.stringify(errors)}`);
  }

  // A reader that knows nothing, with this place alone.
  async #checkCold({ logId, readKey: key, size }: Writer, { label, direct }: SoakPlace): Promise<void> {
    const reader = await openReader({ logId, remotes: [direct], ...(key && { key }) });
    let next = 0;
    try {
      for await (const { sequence, content } of reader.from(0)) {
        if (sequence !== next || Buffer.from(content).toString() !== textOf(next)) {
          this.#wrong.push(`${label} shows something else as entry ${next}`);
          break;
        }
        next++;
      }
    } catch (error) {
      this.#wrong.push(`${label} can't be read beyond entry ${next}: ${String(error)}`);
    }
    if (next !== size) this.#wrong.push(`${label} shows ${next} of ${size} entries`);
    await reader.close();
  }

  #publishedTimes(): SoakReport["published"] {
    const sorted = this.#latencies.sort((a, b) => a - b);
    const at = (part: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? 0);
    return { median: at(0.5), p99: at(0.99), most: at(1) };
  }
}

function publishedOn(writer: Writer, { label }: SoakPlace): number {
  return writer.status().remotes.find((remote) => remote.label === label)!.published;
}

async function sleep(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((next) => setTimeout(next, milliseconds));
}
