import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { generateSeed, openReader, openWriter, type Remote } from "@remote-log/core";
import { ClassicLevel } from "classic-level";
import { payloads } from "../payloads.ts";
import { BUNDLED } from "../shapes.ts";
import { type Goal, secondsOf, type Task } from "../task.ts";
import { eachAtOnce, READS_AT_ONCE, UPLOADS_AT_ONCE } from "./at-once.ts";
import type { RequestCounter } from "./request-counter.ts";
import type { Traffic, TrafficRecorder } from "./traffic.ts";

/** Entries of a log, and of each batch that is published by itself. */
const ENTRIES = 10_000;
const BATCH = 100;

/** One way to read a log, and the bare requests for the same. */
export interface ReadingWay<Place> {
  /** What the tables call it: `"catch up through the RPC"`. */
  readonly name: string;
  /** What they call the bare requests. Two ways may have the same. */
  readonly floor: string;
  readonly goal?: Goal;
  /** A remote to read from. */
  open(place: Place, name: string): Promise<Remote> | Remote;
  /** Asks for one content as nothing but a request can; absent if another way has this floor. */
  readonly get?: (place: Place, address: string) => Promise<void>;
  /** Whether {@link Service.traffic} watches its remote, so that the same answers can be read from memory. Default: false. */
  readonly watched?: boolean;
}

/** A service that logs are published on. */
export interface Service<Place> {
  /** Counts the requests of writers and readers. */
  readonly counter: RequestCounter;
  /** Notes what writers and readers send. */
  readonly traffic: TrafficRecorder;
  /** A new place on it, where nothing is yet. */
  newPlace(): Place;
  /** A remote to write to. */
  writing(place: Place, seed: Uint8Array): Promise<Remote> | Remote;
  /** What the tables call the bare uploads. */
  readonly putFloor: string;
  readonly publishGoal: Goal;
  /** Uploads bytes as nothing but a request can. */
  put(place: Place, bytes: Uint8Array): Promise<void>;
  readonly ways: readonly ReadingWay<Place>[];
}

/** How many requests of each kind the tasks sent in their last runs. */
export type CountsOfTasks = Map<string, Readonly<Record<string, number>>>;

/** What a reader asked for, and got. */
interface Reading<Place> {
  readonly place: Place;
  readonly gets: readonly string[];
  /** Answers as its remote did. */
  readonly memory: Remote | undefined;
}

/** The log of a round. */
interface Round<Place> {
  readonly place: Place;
  readonly logId: string;
  /** What its remote calls it. */
  readonly name: string;
  readonly uploaded: Traffic["puts"];
}

/**
 * A log of 10,000 entries, published in batches of 100 and read by readers that have nothing; each beside the bare requests for the
 * same bytes, as many at a time. Readers and the bare requests find the same connections open. What readers do besides requests is
 * measured as well: they read the same answers from memory.
 *
 * @param folder - where the journals go
 */
export function logTasks<Place>(service: Service<Place>, folder: string, counts: CountsOfTasks): Task[] {
  let round: Round<Place>;
  const read = new Map<string, Reading<Place>>();
  const { counter, traffic, putFloor, publishGoal } = service;
  const counted = (name: string, run: Task["run"]): Pick<Task, "name" | "unit" | "run"> => ({
    name,
    unit: "s",
    run: async () => {
      counter.take();
      traffic.take();
      const seconds = await run();
      counts.set(name, counter.take());
      return seconds;
    },
  });
  const publish = counted(`publish ${ENTRIES} entries in batches of ${BATCH}`, async () => {
    const written = await writeLog(service, folder);
    round = { ...written, uploaded: traffic.take().puts };
    return written.seconds;
  });
  const barePuts = counted(putFloor, () => {
    const place = service.newPlace();
    return secondsOf(() => eachAtOnce(round.uploaded, UPLOADS_AT_ONCE, (bytes) => service.put(place, bytes)));
  });
  const readings = service.ways.flatMap((way): Task[] => {
    const { name, floor, goal, get, watched = false } = way;
    const getAll = async (): Promise<void> => {
      const { place, gets } = read.get(floor) ?? { place: round.place, gets: [] };
      await eachAtOnce(gets, READS_AT_ONCE, (address) => get!(place, address));
    };
    const reading = counted(name, async () => {
      // What the reading before asked for. Connections are closed after a few seconds, and opening them takes its time.
      if (get !== undefined) await getAll();
      const remote = await way.open(round.place, round.name);
      counter.take();
      traffic.takeRequests();
      const seconds = await readLog(remote, round.logId);
      const { gets, memory } = traffic.take();
      if (get !== undefined) read.set(floor, { place: round.place, gets, memory });
      return seconds;
    });
    const task: Task = { ...reading, floor, ...(goal && { goal }) };
    if (get === undefined) return [task];
    const bareGets = counted(floor, async () => {
      await getAll();
      counter.take();
      return secondsOf(getAll);
    });
    const fromMemory = counted(`${name}: the same answers from memory`, () =>
      readLog(read.get(floor)!.memory!, round.logId),
    );
    return watched ? [task, bareGets, fromMemory] : [task, bareGets];
  });
  // In the order of the rounds: each task works on the log that the first one wrote.
  return [{ ...publish, floor: putFloor, goal: publishGoal }, barePuts, ...readings];
}

async function writeLog<Place>(
  service: Service<Place>,
  folder: string,
): Promise<Omit<Round<Place>, "uploaded"> & { readonly seconds: number }> {
  const seed = generateSeed();
  const place = service.newPlace();
  const remote = await service.writing(place, seed);
  const journal = new ClassicLevel(await mkdtemp(join(folder, "journal-")));
  const writer = await openWriter({ ...BUNDLED, seed, journal, remotes: [remote], publish: "manual" });
  try {
    const contents = payloads(ENTRIES);
    const seconds = await secondsOf(async () => {
      for (let from = 0; from < ENTRIES; from += BATCH) {
        await writer.appendAll(contents.slice(from, from + BATCH));
        await writer.publish();
      }
    });
    const { logId } = writer;
    return { seconds, place, logId, name: remote.name ?? logId };
  } finally {
    await writer.close();
    await closeRemote(remote);
  }
}

async function readLog(remote: Remote, logId: string): Promise<number> {
  const reader = await openReader({ logId, remotes: [remote] });
  try {
    let read = 0;
    const seconds = await secondsOf(async () => {
      for await (const _ of reader.from(0)) read++;
    });
    if (read !== ENTRIES) throw new Error(`${read} entries were read, not ${ENTRIES}.`);
    return seconds;
  } finally {
    await reader.close();
    await closeRemote(remote);
  }
}

async function closeRemote({ storage, names }: Remote): Promise<void> {
  await storage.close?.();
  await names.close?.();
}
