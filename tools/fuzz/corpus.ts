// The corpus: valid inputs of every decoder, as files in the tree; and inputs that once failed.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, type Corpus, hexOf } from "./decoder.ts";

/** Where this tool has its files, from the root of the repository. */
export const HOME = "tools/fuzz";

/** An input that failed, as a file: `pnpm fuzz --replay FILE` decodes it again. */
export interface FailureFile {
  readonly decoder: string;
  /** Which of the decoder's seeds the input was made of. */
  readonly origin: number;
  /** The seed and the index from which it is made again. */
  readonly seed: number;
  readonly index: number;
  /** What failed. */
  readonly why: string;
  readonly hex: string;
}

/** Reads the corpus. */
export function readCorpus(root: string): Corpus {
  const folder = join(root, HOME, "corpus");
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return new Map(
    names.map((name) => {
      const { decoder, seeds } = JSON.parse(readFileSync(join(folder, name), "utf8")) as {
        decoder: string;
        seeds: string[];
      };
      return [decoder, seeds.map(bytesOf)] as const;
    }),
  );
}

/** Writes the corpus. */
export function writeCorpus(root: string, corpus: Corpus): void {
  const folder = join(root, HOME, "corpus");
  mkdirSync(folder, { recursive: true });
  for (const [decoder, seeds] of corpus) {
    const text = JSON.stringify({ decoder, seeds: seeds.map(hexOf) }, null, 2);
    writeFileSync(join(folder, `${decoder}.json`), `${text}\n`);
  }
}

/** The inputs that once failed, each in a file. */
export function readRegressions(root: string): readonly (readonly [string, FailureFile])[] {
  const folder = join(root, HOME, "regressions");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => [name, JSON.parse(readFileSync(join(folder, name), "utf8")) as FailureFile] as const);
}

/** Writes an input that failed. Returns the path of the file. */
export function writeFailure(root: string, failure: FailureFile): string {
  const folder = join(root, HOME, "failures");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${failure.decoder}-${failure.seed}-${failure.index}.json`);
  writeFileSync(file, `${JSON.stringify(failure, null, 2)}\n`);
  return file;
}
