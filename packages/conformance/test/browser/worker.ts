import { runSuite } from "./run-suite.ts";

globalThis.addEventListener("message", ({ data }: MessageEvent<number>) => {
  void runSuite(data).then(postMessage, (error: unknown) => {
    // An error that nothing catches is the worker's own, and its page hears of it.
    setTimeout(() => {
      throw error;
    });
  });
});
