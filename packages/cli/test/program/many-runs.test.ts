import { afterEach, expect, test, vi } from "vitest";
import { runRlog } from "../../src/index.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** How many listeners a run may leave: signals of the process, and failures of its output. */
function listeners(): Record<string, number> {
  return {
    SIGINT: process.listenerCount("SIGINT"),
    SIGTERM: process.listenerCount("SIGTERM"),
    stdout: process.stdout.listenerCount("error"),
    stderr: process.stderr.listenerCount("error"),
  };
}

test("a program can run rlog any number of times, and no listener is left behind", async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockReturnValue(true);
  const warnings: Error[] = [];
  const warned = (warning: Error): void => void warnings.push(warning);
  process.on("warning", warned);
  try {
    const before = listeners();
    expect(await runRlog(["--help"])).toBe(0);
    const once = listeners();
    // The one listener of each stream stays: a reader that goes away later must not end the process.
    expect({ ...once, stdout: 0, stderr: 0 }).toEqual({ ...before, stdout: 0, stderr: 0 });
    for (let run = 0; run < 20; run++) expect(await runRlog(["status", "--dir", "/nowhere"])).toBe(1);
    expect(listeners()).toEqual(once);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  } finally {
    process.off("warning", warned);
  }
});
