// A process of its own that asks for a seed when it is told to: `node seed-process.mjs <file>`. It runs the built package.
import { loadOrCreateSeed } from "@remote-log/fs";

process.send("ready");
await new Promise((resolve) => process.once("message", resolve));
const seed = await loadOrCreateSeed(process.argv[2]);
process.send(Buffer.from(seed).toString("hex"));
process.disconnect();
