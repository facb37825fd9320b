// Opens a journal in a process of its own, and holds it: `node opener.mjs <folder> <seed in hexadecimal digits>`.
import { openWriter } from "@remote-log/core";
import { ClassicLevel } from "classic-level";

const [folder, seed] = process.argv.slice(2);
const journal = new ClassicLevel(folder, { keyEncoding: "view", valueEncoding: "view" });
const writer = await openWriter({
  settings: { visibility: "public" },
  seed: Uint8Array.from(Buffer.from(seed, "hex")),
  journal,
  publish: "manual",
});
await writer.append(new TextEncoder().encode("from the other process"));
process.stdout.write("open\n");
setInterval(() => undefined, 1000);
