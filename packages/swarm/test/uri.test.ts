import { swarmRemoteFromUri } from "@remote-log/swarm";
import { expect, test } from "vitest";
import { parseSwarmUri } from "../src/uri.ts";

const stamp = "8b".repeat(32);
const owner = "8d3766440f0d7b949a5e32995d09619a7f86e632";
const topic = "c3".repeat(32);

test.each([
  ["bee+http://127.0.0.1:1633", { bee: "http://127.0.0.1:1633" }],
  ["bee+https://bee.example/alice/", { bee: "https://bee.example/alice/" }],
  ["bee+http://[::1]:1633", { bee: "http://[::1]:1633" }],
  [`bee+http://127.0.0.1:1633?stamp=${stamp}`, { bee: "http://127.0.0.1:1633", stamp }],
  [`bee+http://127.0.0.1:1633?stamp=${stamp.toUpperCase()}`, { bee: "http://127.0.0.1:1633", stamp }],
  [`bee+http://127.0.0.1:1633?owner=${owner}`, { bee: "http://127.0.0.1:1633", owner }],
  [
    "bee+http://127.0.0.1:1633?owner=0x8d3766440f0d7B949A5e32995D09619a7F86E632",
    { bee: "http://127.0.0.1:1633", owner },
  ],
  [
    `bee+http://127.0.0.1:1633?upload=deferred&mutable=allow&stamp=${stamp}`,
    { bee: "http://127.0.0.1:1633", stamp, upload: "deferred", allowMutable: true },
  ],
  ["bee+http://127.0.0.1:1633?upload=direct", { bee: "http://127.0.0.1:1633", upload: "direct" }],
  [`swarm://${owner}/${topic}`, { bee: "http://127.0.0.1:1633", name: `${owner}/${topic}` }],
  [
    `swarm://${owner}/${topic}?gateway=https%3A%2F%2Fone.example/bee`,
    { bee: "https://one.example/bee", name: `${owner}/${topic}` },
  ],
])("%s is read", (uri, place) => {
  expect(parseSwarmUri(uri)).toEqual(place);
});

test.each([
  ["", "begin"],
  ["http://127.0.0.1:1633", "begin"],
  ["bee://127.0.0.1:1633", "begin"],
  ["bee+ftp://127.0.0.1", "begin"],
  ["BEE+http://127.0.0.1", "begin"],
  ["bee+http://", "URL"],
  ["bee+http://127.0.0.1:99999", "URL"],
  ["bee+http://127.0.0.1:1633\n", "white space"],
  ["bee+http:\\\\127.0.0.1", "backslash"],
  ["bee+http://alice:hunter2@127.0.0.1:1633", "credentials"],
  ["bee+http://127.0.0.1:1633#hunter2", "fragment"],
  ["bee+http://127.0.0.1:1633?key=hunter2", "parameter other"],
  ["bee+http://127.0.0.1:1633?", "parameter other"],
  ["bee+http://127.0.0.1:1633?stamp=hunter2", "postage batch"],
  [`bee+http://127.0.0.1:1633?stamp=${stamp}00`, "postage batch"],
  [`bee+http://127.0.0.1:1633?stamp=${stamp}&stamp=${stamp}`, "twice"],
  ["bee+http://127.0.0.1:1633?stamp=%zz", "decoded"],
  ["bee+http://127.0.0.1:1633?owner=hunter2", "Ethereum address"],
  ["bee+http://127.0.0.1:1633?upload=hunter2", "upload"],
  ["bee+http://127.0.0.1:1633?mutable=yes", "mutable"],
  [`bee+http://127.0.0.1:1633?gateway=https://one.example`, "parameter other"],
  ["swarm://", "topic"],
  ["swarm://hunter2", "topic"],
  [`swarm://${owner}`, "topic"],
  [`swarm://${owner}/${topic}/`, "topic"],
  [`swarm://${owner.toUpperCase()}/${topic}`, "lower case"],
  [`swarm://${owner}/${topic}#hunter2`, "fragment"],
  [`swarm://${owner}/${topic}?stamp=${stamp}`, "parameter other"],
  [`swarm://${owner}/${topic}?gateway=https://a.example&gateway=https://b.example`, "twice"],
  [`swarm://${owner}/${topic}?gateway=https://a:hunter2@b.example`, "credentials"],
  [`swarm://${owner}/${topic}?gateway=https://b.example%3Ftoken=hunter2`, "query"],
  [`swarm://${owner}/${topic}?gateway=b.example`, "URL"],
])("%s is refused, and not repeated", (uri, why) => {
  let error: unknown;
  try {
    swarmRemoteFromUri(uri, uri.startsWith("bee") ? { nameKey: new Uint8Array(32).fill(1) } : {});
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", message: expect.stringContaining(why) });
  expect((error as Error).message).not.toContain("hunter2");
});
