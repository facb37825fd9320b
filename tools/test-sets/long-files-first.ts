import { BaseSequencer, type TestSpecification } from "vitest/node";
import { longFiles } from "./long-files.mjs";

/**
 * Short files whose tests take long. vitest begins with the largest files as long as it has not measured any, so on a
 * fresh clone these would come last, and one worker would run them alone.
 */
const LONG =
  /\/(?:conformance[\w-]*|costs|crash|crash-points|kill|mutants|node-test|run|web-storage|append|mirror|story|helia|network|stale-node|race|demo|matrix|code-blocks|write-an-adapter|standalone|workspace)\.test\.ts$/;

function isLong(path: string): boolean {
  return LONG.test(path) || longFiles.flat().some((file) => path.endsWith(`/${file}`));
}

/**
 * The order of vitest, but what is known to take long comes first, and the files that share workers come last, in one
 * row: vitest ends a worker that could be shared as soon as the next file in the queue is of another project.
 */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId, project }: TestSpecification): number =>
      (project.config.isolate ? 0 : project.name.startsWith("mixed") ? 2 : 4) + (isLong(moduleId) ? 0 : 1);
    return [0, 1, 2, 3, 4, 5].flatMap((wanted) => sorted.filter((file) => rank(file) === wanted));
  }
}
