import { runSuite } from "./run-suite.ts";

globalThis.addEventListener("message", ({ data }: MessageEvent<number>) => {
  void runSuite(data).then(postMessage, (error: unknown) => {
    // Thrown where nothing catches it, an error is one of the worker's, and its page hears of it.
    setTimeout(() => {
      throw error;
    });
  });
});
