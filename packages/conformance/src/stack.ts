// What of a stack helps the author of an adapter: the lines of the adapter, and the line of the case.

/** How many lines of an adapter are shown. */
const MOST_FRAMES = 5;

/** Where the modules of the suite are, as stacks write it. */
const OWN_FOLDER = decodeURI(new URL(".", import.meta.url).pathname);

/** Lines of the runtime, of test runners, and of a promise that several others made. */
const FOREIGN =
  /\(?(?:node:|native\b|<anonymous>|index \d+\))|node_modules\/(?:\.pnpm\/)?(?:@vitest|vitest|tinypool|fast-check)\b/;

/** An error, and what caused it, and what caused that. */
export function causesOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let one = error; one instanceof Error && !chain.includes(one); one = one.cause) chain.push(one);
  return chain;
}

/** The lines of an error's stack that are neither of the runtime nor of the suite, the innermost first. */
export function authorFrames(error: Error): string[] {
  return framesOf(error).filter((line) => !FOREIGN.test(line) && !line.includes(OWN_FOLDER));
}

/**
 * The stack of a failure, as far as an author needs it: the lines of the innermost cause that has some outside of the
 * suite, and the line of the case that failed. Empty if nothing is known.
 */
export function trimmedStack(error: unknown): string[] {
  const chain = causesOf(error);
  const author = chain.map(authorFrames).findLast((frames) => frames.length > 0) ?? [];
  const ofCase = chain
    .flatMap(framesOf)
    .find((line) => line.includes(`${OWN_FOLDER}cases/`) && !author.includes(line));
  return [...author.slice(0, MOST_FRAMES), ...(ofCase === undefined ? [] : [ofCase])];
}

function framesOf(error: Error): string[] {
  try {
    const lines = String(error.stack).split("\n");
    // V8 writes "at name (url:1:2)", the others "name@url:1:2".
    return lines.map((line) => line.trim()).filter((line) => /^at .|@.*:\d+:\d+$/.test(line));
  } catch {
    // A stack that can't be read is somebody's getter.
    return [];
  }
}
