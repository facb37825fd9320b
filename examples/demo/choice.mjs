import { parseArgs } from "node:util";
import { storages } from "./storage/storages.mjs";

const usage = `pnpm demo                 tells the story on a folder
pnpm demo --on STORAGE    tells the same story on another storage:
${Object.entries(storages)
  .map(([name, { about }]) => `    ${name.padEnd(12)}${about}`)
  .join("\n")}`;

/** Reads which storage to use; `undefined` if there is nothing to do, and that has been said. */
export function readChoice(words) {
  try {
    const options = { on: { type: "string", default: "folder" }, help: { type: "boolean", short: "h" } };
    // Who is used to npm puts -- before the options, and pnpm passes it on.
    const args = words[0] === "--" ? words.slice(1) : words;
    const { values } = parseArgs({ args, options });
    if (values.help) console.log(usage);
    else if (Object.hasOwn(storages, values.on)) return values.on;
    else misused(`The demo knows no storage called ${JSON.stringify(values.on)}.`);
  } catch (error) {
    misused(error.message);
  }
  return undefined;
}

function misused(why) {
  console.error(`${why}\n\n${usage}`);
  process.exitCode = 2;
}
