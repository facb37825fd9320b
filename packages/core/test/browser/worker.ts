import { type Call, run } from "./outcome.ts";

globalThis.addEventListener("message", ({ data, ports }: MessageEvent<Call>) => {
  void run(data).then((outcome) => ports[0]!.postMessage(outcome));
});
