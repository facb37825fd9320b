import { inspect } from "node:util";
import { addressOf, isRemoteLogError, rawSha256 } from "@remote-log/core";
import { ipfsStorage } from "@remote-log/ipfs";
import {
  answer,
  closedUrl,
  cut,
  failure,
  NEVER,
  type Reply,
  randomBytes,
  type Script,
} from "@remote-log/test-kit";
import { atEnd, scriptedServer } from "@remote-log/test-kit/vitest";
import { afterEach, expect, test } from "vitest";
import { clientNames, nodeBy } from "../clients.ts";

/** What stands in for a node answers here; for what a real one can't be made to say. */
/** What stands in for a node, for answers that a real one can't be made to give. */
const web = await scriptedServer(cut());
afterEach(() => web.become(cut()));

const TOKEN = "sUdtZ0W9vJZJxg2Hqk4c";
const headers = { authorization: `Bearer ${TOKEN}` };
const address = await addressOf(randomBytes(10), rawSha256);

function storageBy(client: (typeof clientNames)[number], waits = false) {
  // Whoever waits for an answer that never comes need not wait for long; on a busy machine all others must have time.
  const times = waits ? { searchMilliseconds: 50, answerMilliseconds: 150 } : {};
  const storage = ipfsStorage({ node: nodeBy(client, web.url, headers), headers, ...times });
  atEnd(() => storage.close());
  return storage;
}

/** Answers as Kubo does: what it has to say, in JSON. */
function says(status: number, message: string): Reply {
  return answer(status, "application/json", JSON.stringify({ Message: message, Code: 0, Type: "error" }));
}

/** Answers as a proxy before a node does. */
function page(status: number, body: string, more: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { "content-type": "text/html", ...more }, body };
}

/** Says yes, with this in JSON. */
function accepts(value: unknown): Reply {
  const body = Buffer.from(JSON.stringify(value));
  return { headers: { "content-length": body.length }, body };
}

/** Zeros without end. */
async function* zeros(): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(65_536);
  for (;;) yield piece;
}

const table: readonly (readonly [string, Script, string, string, RegExp])[] = [
  ["unauthorized", page(401, "401"), "ERR_DENIED", "never", /headers/],
  ["forbidden", page(403, "403 - Forbidden"), "ERR_DENIED", "never", /API\.Authorizations/],
  ["credit", page(402, ""), "ERR_QUOTA", "never", /room/],
  ["full", says(500, "write /blocks/put-1: no space left on device"), "ERR_QUOTA", "never", /room/],
  ["quota", page(507, ""), "ERR_QUOTA", "never", /room/],
  ["deadline of a proxy", page(504, "Gateway Timeout"), "ERR_TIMEOUT", "safe", /more time/],
  ["slow", page(408, ""), "ERR_TIMEOUT", "safe", /more time/],
  ["broken", says(500, "leveldb: closed"), "ERR_UNREACHABLE", "safe", /leveldb: closed/],
  ["starting", page(503, ""), "ERR_UNREACHABLE", "safe", /again/],
  ["busy", page(429, ""), "ERR_UNREACHABLE", "safe", /again/],
  ["no such command", page(404, "404 page not found"), "ERR_UNREACHABLE", "safe", /right URL/],
  ["a gateway", page(405, ""), "ERR_UNSUPPORTED", "never", /right URL/],
  ["a connection that is cut", cut(), "ERR_UNREACHABLE", "safe", /running/],
  ["silence", NEVER, "ERR_TIMEOUT", "safe", /more time/],
];

test.each(clientNames)("each refusal of a node is an error of its own, given as %s", async (client) => {
  for (const [what, said, code, retry, advice] of table) {
    web.become(said);
    const storage = storageBy(client, what === "silence");
    const failures = {
      "storage.put": failure(storage.put(randomBytes(10))),
      "storage.get": failure(storage.get(address)),
      "storage.has": failure(storage.has(address)),
      "storage.release": failure(storage.release(address)),
    };
    await Promise.all(Object.values(failures));
    for (const [operation, failing] of Object.entries(failures)) {
      const error = await failing;
      expect(error, `${what}, ${operation}`).toMatchObject({ code, retry, operation });
      expect(error.message).toMatch(advice);
      expect(isRemoteLogError(error)).toBe(true);
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(TOKEN);
    }
  }
});

test.each(clientNames)(
  "a node that says it is offline knows that a content is not there, given as %s",
  async (client) => {
    web.become(says(500, `block was not found locally (offline): ipld: could not find ${address}`));
    const storage = storageBy(client);
    expect(await storage.has(address)).toBe(false);
    expect(await failure(storage.get(address))).toMatchObject({ code: "ERR_NOT_FOUND" });
  },
);

test.each(clientNames)(
  "nobody but the node says that a content is not there, given as %s",
  async (client) => {
    for (const status of [404, 502]) {
      web.become(says(status, "could not find that host; block was not found locally; not pinned"));
      const storage = storageBy(client);
      const failing = { code: "ERR_UNREACHABLE" };
      expect(await failure(storage.has(address))).toMatchObject(failing);
      expect(await failure(storage.get(address))).toMatchObject(failing);
      expect(await failure(storage.release(address))).toMatchObject(failing);
    }
  },
);

test.each(clientNames)(
  "a node that answers with another CID has not stored the content, given as %s",
  async (client) => {
    const other = await addressOf(randomBytes(5), rawSha256);
    web.become(accepts({ Key: `${other}`, Size: 5 }));
    const error = await failure(storageBy(client).put(randomBytes(10)));
    expect(error).toMatchObject({ code: "ERR_INTEGRITY", message: expect.stringContaining(`${other}`) });
  },
);

test("an answer in place of a CID is cut short in the error, and does nothing to a terminal", async () => {
  web.become(accepts({ Key: `\u001b[2J${"no CID ".repeat(1000)}`, Size: 5 }));
  const error = await failure(storageBy("url").put(randomBytes(10)));
  expect(error).toMatchObject({ code: "ERR_INTEGRITY", message: expect.stringContaining("no CID") });
  expect(error.message).not.toContain("\u001b");
  expect(error.message.length).toBeLessThan(1000);
});

test("an answer about something else proves nothing", async () => {
  const other = await addressOf(randomBytes(5), rawSha256);
  web.become(accepts({ Key: `${other}`, Size: 5, Pins: [`${other}`] }));
  const storage = storageBy("url");
  expect(await failure(storage.has(address))).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(await failure(storage.release(address))).toMatchObject({ code: "ERR_UNREACHABLE" });
});

test.each(clientNames)(
  "a page that answers everything with 200 has and stores nothing, given as %s",
  async (client) => {
    web.become(page(200, "<!doctype html><html><body>Log in</body></html>"));
    const storage = storageBy(client);
    expect(await failure(storage.put(randomBytes(10)))).toMatchObject({ code: "ERR_UNREACHABLE" });
    const wrong = { code: "ERR_UNREACHABLE", reason: "wrong-service" };
    expect(await failure(storage.has(address))).toMatchObject(wrong);
    expect(await failure(storage.release(address))).toMatchObject(wrong);
    // Verification fails, and what came is a page: a network that wants a login first, say.
    const loginPage = { code: "ERR_UNREACHABLE", reason: "web-page", retry: "safe" };
    expect(await failure(storage.get(address))).toMatchObject(loginPage);
  },
);

test.each(clientNames)("an answer that is too long is not read to its end, given as %s", async (client) => {
  const from = web.sentBytes();
  web.become(() => ({ body: zeros() }));
  const storage = storageBy(client);
  expect(await failure(storage.get(address))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 2 * 1024 * 1024,
  });
  expect(await failure(storage.get(address, { maxBytes: 100 }))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: 100,
  });
  expect(web.sentBytes() - from).toBeLessThan(64 * 1024 * 1024);
});

test.each(clientNames)(
  "a proxy that takes no such body limits what is stored, given as %s",
  async (client) => {
    web.become(page(413, ""));
    const error = await failure(storageBy(client).put(randomBytes(1000)));
    expect(error).toMatchObject({ code: "ERR_TOO_LARGE", limit: 999 });
  },
);

// One that may pass is that of a network with a login page, perhaps.
test.each([
  [307, "safe"],
  [308, "never"],
])("a redirect (%s) is not followed: it might lead to another host", async (status, retry) => {
  web.become(page(status, "", { location: "http://127.0.0.1:1/api/v0/block/get" }));
  const from = web.requests.length;
  expect(await failure(storageBy("url").get(address))).toMatchObject({
    code: "ERR_UNREACHABLE",
    retry,
  });
  expect(web.requests).toHaveLength(from + 1);
});

test("nobody where the node should be is unreachable, whatever asks", async () => {
  const gone = await closedUrl();
  for (const client of clientNames) {
    const storage = ipfsStorage({ node: nodeBy(client, gone) });
    const error = { code: "ERR_UNREACHABLE", message: expect.stringContaining("Is it running") };
    expect(await failure(storage.put(randomBytes(10)))).toMatchObject(error);
    expect(await failure(storage.get(address))).toMatchObject(error);
    expect(await failure(storage.has(address))).toMatchObject(error);
  }
});

test("if a request that does not go through a client is refused, the error says that the client's headers can't be seen", async () => {
  web.become(page(403, "403 - Forbidden"));
  const storage = ipfsStorage({ node: nodeBy("kubo-rpc-client", web.url, headers) });
  expect((await failure(storage.get(address))).message).toMatch(/those of the client itself can't be seen/);
});
