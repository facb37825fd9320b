// `.gitignore` in the writer's folder: the seed is the log's only key, and must not get into a repository.

import { join } from "node:path";
import { readText } from "../files/read-text.ts";
import { writeNew } from "./durable-files.ts";

const NAME = ".gitignore";
/** The longest file that is read, in bytes. */
const LARGEST_FILE = 2 ** 20;

// By name: the writer's folder may be a folder of the user's with other files in it.
const TEXT = `# Written by rlog. The seed is the log's only key: whoever has it can write the log.
/seed
/journal/
/journal.*
/config.json
/last-publish.json
/place
/queue/
/rotation
/.snapshot-*
/*.new
`;

/**
 * Keeps git from taking what is in a writer's folder. A file that is there already is not changed.
 *
 * @returns whether the seed is ignored
 */
export async function writeIgnoreFile(folder: string): Promise<boolean> {
  try {
    await writeNew(join(folder, NAME), TEXT);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const lines = (await readText(join(folder, NAME), LARGEST_FILE).catch(() => "")).split(/\r?\n/);
    return lines.some((line) => ["/seed", "seed", "*", "/*"].includes(line.trim()));
  }
}
