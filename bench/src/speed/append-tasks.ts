import { join } from "node:path";
import { generateSeed, openWriter, type Visibility, type Writer } from "@remote-log/core";
import { fileWitness } from "@remote-log/fs";
import { ClassicLevel } from "classic-level";
import { PAYLOAD_BYTES, payloads } from "../payloads.ts";
import { secondsOf, type Task } from "../task.ts";

/** Bytes of a longer entry, which is an object of its own. */
export const LONG_BYTES = 4096;
/** Entries in flight at once, or in one batch. */
const TOGETHER = 100;
/** Entries appended one by one, and in the other two ways. */
const ONE_BY_ONE = 500;
const MANY = 20_000;
/** Longer entries. */
const FEW = 4000;

/** What kind of log is appended to. */
interface LogOptions {
  readonly witnessed?: boolean;
  readonly visibility?: Visibility;
  /** Bytes of each entry. Default {@link PAYLOAD_BYTES}. */
  readonly bytes?: number;
}

/**
 * Appends that wait for the disk, against a bare database that waits for it as often.
 *
 * @param folder - a folder for databases, on the disk that is to be measured
 */
export function appendTasks(folder: string): Task[] {
  let databases = 0;
  const newDatabase = (): ClassicLevel<Uint8Array, Uint8Array> =>
    new ClassicLevel(join(folder, `database-${databases++}`), { keyEncoding: "view", valueEncoding: "view" });
  const bare = async (count: number, together: number): Promise<number> => {
    const database = newDatabase();
    await database.open();
    const values = payloads(count);
    const seconds = await secondsOf(async () => {
      for (let at = 0; at < count; at += together) {
        const batch = values.slice(at, at + together).map((value, i) => putAt(at + i, value));
        await database.batch(batch, { sync: true });
      }
    });
    await database.close();
    return count / seconds;
  };
  const log = async (
    count: number,
    append: (writer: Writer, values: Uint8Array[]) => Promise<void>,
    { witnessed = false, visibility = "public", bytes = PAYLOAD_BYTES }: LogOptions = {},
  ): Promise<number> => {
    const witness = witnessed && { witness: fileWitness(join(folder, `witness-${databases}`)) };
    const writer = await openWriter({
      settings: { visibility },
      seed: generateSeed(),
      journal: newDatabase(),
      ...witness,
    });
    const values = payloads(count, bytes);
    const seconds = await secondsOf(() => append(writer, values));
    await writer.close();
    return count / seconds;
  };
  const unit = "entries/s";
  return [
    { name: "bare classic-level, one by one", unit, run: () => bare(ONE_BY_ONE, 1) },
    {
      name: "append, one by one",
      unit,
      floor: "bare classic-level, one by one",
      goal: { least: 0.9 },
      run: () => log(ONE_BY_ONE, oneByOne),
    },
    {
      name: "append, one by one, with a witness",
      unit,
      floor: "append, one by one",
      goal: { least: 0.9 },
      run: () => log(ONE_BY_ONE, oneByOne, { witnessed: true }),
    },
    {
      name: "append to a private log, one by one",
      unit,
      floor: "append, one by one",
      goal: { least: 0.7 },
      run: () => log(ONE_BY_ONE, oneByOne, { visibility: "private" }),
    },
    { name: "bare classic-level, batches of 100", unit, run: () => bare(MANY, TOGETHER) },
    {
      name: "append, 100 in flight",
      unit,
      floor: "bare classic-level, batches of 100",
      run: () => log(MANY, inFlight),
    },
    {
      name: "append to a private log, 100 in flight",
      unit,
      floor: "append, 100 in flight",
      goal: { least: 0.7 },
      run: () => log(MANY, inFlight, { visibility: "private" }),
    },
    {
      name: "appendAll, batches of 100",
      unit,
      floor: "bare classic-level, batches of 100",
      goal: { least: 0.65 },
      run: () => log(MANY, inBatches),
    },
    {
      name: "appendAll, batches of 100, with a witness",
      unit,
      floor: "appendAll, batches of 100",
      goal: { least: 0.9 },
      run: () => log(MANY, inBatches, { witnessed: true }),
    },
    {
      name: "appendAll to a private log, batches of 100",
      unit,
      floor: "appendAll, batches of 100",
      goal: { least: 0.7 },
      run: () => log(MANY, inBatches, { visibility: "private" }),
    },
    {
      name: "appendAll, batches of 100, 4 KiB each",
      unit,
      run: () => log(FEW, inBatches, { bytes: LONG_BYTES }),
    },
    {
      name: "appendAll to a private log, batches of 100, 4 KiB each",
      unit,
      floor: "appendAll, batches of 100, 4 KiB each",
      goal: { least: 0.7 },
      run: () => log(FEW, inBatches, { bytes: LONG_BYTES, visibility: "private" }),
    },
    {
      name: "CPU to append in batches, per 10,000 entries",
      unit: "s",
      async run() {
        const writer = await openWriter({
          settings: { visibility: "public" },
          seed: generateSeed(),
          journal: newDatabase(),
        });
        const values = payloads(MANY);
        const before = process.cpuUsage();
        await inBatches(writer, values);
        const { user, system } = process.cpuUsage(before);
        await writer.close();
        return (((user + system) / 1e6) * 10_000) / MANY;
      },
    },
  ];
}

async function oneByOne(writer: Writer, values: readonly Uint8Array[]): Promise<void> {
  for (const value of values) await writer.append(value);
}

async function inFlight(writer: Writer, values: readonly Uint8Array[]): Promise<void> {
  let next = 0;
  const appendOneAfterAnother = async (): Promise<void> => {
    while (next < values.length) await writer.append(values[next++]!);
  };
  await Promise.all(Array.from({ length: TOGETHER }, appendOneAfterAnother));
}

/** Appends values, 100 at a time. */
export async function inBatches(writer: Writer, values: readonly Uint8Array[]): Promise<void> {
  for (let at = 0; at < values.length; at += TOGETHER)
    await writer.appendAll(values.slice(at, at + TOGETHER));
}

function putAt(sequence: number, value: Uint8Array): { type: "put"; key: Uint8Array; value: Uint8Array } {
  const key = new Uint8Array(9);
  new DataView(key.buffer).setUint32(5, sequence);
  return { type: "put", key, value };
}
