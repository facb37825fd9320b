import { join } from "node:path";
import { generateSeed, openWriter } from "@remote-log/core";
import { ClassicLevel } from "classic-level";
import { payloads } from "../payloads.ts";
import type { Task } from "../task.ts";
import { inBatches } from "./append-tasks.ts";

/** Entries of the logs whose opening is timed. */
const LENGTHS = [10_000, 1_000_000];
/** Entries that are made at once, so that not all of them are in memory. */
const MADE_AT_ONCE = 50_000;
/** What a run takes the mean of: a single opening takes a millisecond or two. */
const TIMES = 10;

/** Opening logs for writing, against opening their databases. The logs are made by the first run. */
export function openTasks(folder: string): Task[] {
  return LENGTHS.flatMap((length) => openingOf(join(folder, `opened-${length}`), length));
}

function openingOf(path: string, length: number): Task[] {
  const seed = generateSeed();
  const open = () =>
    openWriter({ settings: { visibility: "public" }, seed, journal: new ClassicLevel(path) });
  const made = async (): Promise<void> => {
    const writer = await open();
    while (writer.size < length)
      await inBatches(writer, payloads(Math.min(MADE_AT_ONCE, length - writer.size)));
    await writer.close();
  };
  const meanOf = async (work: () => Promise<{ close(): Promise<void> }>): Promise<number> => {
    let seconds = 0;
    for (let i = 0; i < TIMES; i++) {
      const start = performance.now();
      const opened = await work();
      seconds += (performance.now() - start) / 1000;
      await opened.close();
    }
    return seconds / TIMES;
  };
  const entries = length.toLocaleString("en");
  const floor = `bare classic-level of ${entries} entries, open`;
  return [
    {
      name: floor,
      unit: "s",
      async run() {
        await made();
        return meanOf(async () => {
          const database = new ClassicLevel(path);
          await database.open();
          return database;
        });
      },
    },
    {
      name: `open a log of ${entries} entries`,
      unit: "s",
      floor,
      goal: { most: 5 },
      run: () => meanOf(open),
    },
  ];
}
