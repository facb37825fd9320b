import { type Call, run } from "./commands.ts";

globalThis.addEventListener("message", ({ data }: MessageEvent<Call>) => void run(data).then(postMessage));
