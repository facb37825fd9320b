// A group chat in terminals. Each device keeps its messages in a folder of its own, and meets the others in a shared one, which may
// be a mounted disk or a bucket instead. Unplug it, kill it, come back: nothing is lost, and all see the same order.
//
//   node examples/offline-chat/chat.mjs --folder alice --shared shared --name Alice
//   node examples/offline-chat/chat.mjs --folder bob --shared shared --name Bob --invite INVITATION

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { UnreachableError } from "@remote-log/core";
import { fsRemote, loadOrCreateSeed } from "@remote-log/fs";
import { describeStatus, jsonCodec, openGroup } from "@remote-log/group";
import { ClassicLevel } from "classic-level";

const { values: given } = parseArgs({
  options: {
    folder: { type: "string" },
    shared: { type: "string" },
    name: { type: "string" },
    invite: { type: "string" },
    poll: { type: "string", default: "1000" },
  },
});
const { folder, shared, name, invite, poll } = given;
if (folder === undefined || shared === undefined || name === undefined) {
  console.error(
    "Give --folder, --shared and --name; and --invite, with what /invite prints for somebody who is there.",
  );
  process.exit(2);
}

let plugged = true;
await mkdir(folder, { recursive: true });
const group = await openGroup({
  name,
  invite,
  seed: await loadOrCreateSeed(join(folder, "seed")),
  journal: new ClassicLevel(join(folder, "journal")),
  store: new ClassicLevel(join(folder, "store")),
  codec: jsonCodec(),
  remotes: () => [{ remote: place(), uri: "chat:shared" }],
  schemes: { "chat:": place },
  pollMilliseconds: Number(poll),
  retries: 0,
});

const input = createInterface({ input: process.stdin });
const ending = new AbortController();
const showing = show();
console.log("Write, or /invite, /who, /unplug, /plug, /quit.");
for await (const line of input) {
  if (line === "/quit") break;
  try {
    await obey(line);
  } catch (error) {
    console.log(`! ${error instanceof Error ? error.message : error}`);
  }
}
ending.abort();
input.close();
await showing;
await group.close();

/** The shared folder, as long as the device is plugged in. */
function place() {
  const remote = fsRemote({ root: shared, label: "shared" });
  return { ...remote, storage: whilePlugged(remote.storage), names: whilePlugged(remote.names) };
}

function whilePlugged(part) {
  return new Proxy(part, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      return async (...words) => {
        if (!plugged && key !== "close")
          throw new UnreachableError("The device is unplugged.", { operation: `chat.${String(key)}` });
        return value.apply(target, words);
      };
    },
  });
}

async function show() {
  try {
    for await (const message of group.messages({ live: true, signal: ending.signal })) tell(message);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  }
}

function tell({ author, own, time, value, before }) {
  const who = own ? name : (group.status().members.find(({ id }) => id === author)?.name ?? "somebody");
  const late = before === undefined ? "" : " (late)";
  console.log(`${new Date(time).toISOString().slice(11, 16)} ${who}: ${value.text}${late}`);
}

async function obey(line) {
  switch (line) {
    case "/invite":
      console.log(`= ${await group.invite()}`);
      break;
    case "/who":
      for (const sentence of describeStatus(group.status())) console.log(`= ${sentence}`);
      console.log(
        `= here: ${group
          .status()
          .members.map((member) => member.name)
          .join(", ")}`,
      );
      break;
    case "/unplug":
      plugged = false;
      break;
    case "/plug":
      plugged = true;
      break;
    default:
      if (line !== "") await group.append({ text: line });
  }
}
