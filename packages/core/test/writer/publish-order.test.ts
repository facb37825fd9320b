import { memoryRemote } from "@remote-log/memory";
import { failure, runs } from "@remote-log/test-kit";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { generateSeed, openWriter, type Remote, UnreachableError, type Writer } from "../../src/index.ts";
import { remoteKey } from "../../src/journal/keys.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { tiny } from "./crashing-device.ts";
import { checkpointIn, readCold, text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { type Around, wrapRemote } from "./wrapped-remote.ts";

const unreachable = (): UnreachableError => new UnreachableError("No answer.", { operation: "test" });

function open(journal: PowerCutDatabase, remote: Remote, around: Around): Promise<Writer> {
  const remotes = [wrapRemote(remote, around)];
  return openWriter({ ...tiny, seed: generateSeed(), journal, remotes });
}

/** The remote as it would look to a reader if its name held a content. */
function holding(remote: Remote, content: Uint8Array): Remote {
  const resolve = async () => ({ status: "found" as const, content, revision: "1" });
  return { ...remote, names: { ...remote.names, resolve } };
}

const entry = (i: number): string => `entry ${i}${i % 3 === 0 ? " in an object of its own" : ""}`;

test("a publish goes contents, pages, index, durable intent, name", async () => {
  const remote = memoryRemote({ label: "one" });
  const trace: string[] = [];
  const journal = new PowerCutDatabase();
  journal.onWrite = (operations, sync) => {
    const put = operations.filter(({ type }) => type === "put");
    if (put.some(({ key }) => new TextDecoder().decode(key) === "rone\0intent"))
      trace.push(sync ? "durable intent" : "intent");
  };
  const writer = await open(journal, remote, async (call, proceed) => {
    const result = await proceed();
    if (call.kind === "put") trace.push(kindOf(call.content!));
    else if (call.kind === "update") trace.push("name");
    return result;
  });
  // All but the newest page's entries are of the large sort, so that no content is left for the head.
  await writer.appendAll(Array.from({ length: 40 }, (_, i) => text(i < 38 ? entry(3 * i) : "small")));
  await writer.publish();
  const inOrder = trace.filter((kind, i) => kind !== trace[i - 1]);
  expect(inOrder).toEqual(["content", "page", "node", "durable intent", "name"]);
});

function kindOf(bytes: Uint8Array): string {
  if (new TextDecoder().decode(bytes).startsWith("entry")) return "content";
  try {
    // A node whose pages are all in bundles has empty addresses.
    return decodeRemoteLog(bytes).pairs.some(({ localHash, data }) => localHash.length + data.length > 0)
      ? "page"
      : "node";
  } catch {
    return "node";
  }
}

test("whenever a head goes to the name, its intent is durable and all that it reaches can be read", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.boolean(), { maxLength: 80 }),
      async (counts, failures) => {
        const remote = memoryRemote({ label: "one" });
        const journal = new PowerCutDatabase();
        const appended: string[] = [];
        let puts = 0;
        let problem: unknown;
        const writer = await open(journal, remote, async (call, proceed) => {
          if (call.kind === "put" && failures[puts++] === true) throw unreachable();
          if (call.kind === "update") {
            try {
              const intent = journal.afterPowerCut(0).get("rone\0content");
              expect(intent?.subarray(0, call.content!.length)).toEqual(call.content);
              const { size } = checkpointIn(call.content!);
              expect(await readCold(writer.logId, holding(remote, call.content!))).toEqual(
                appended.slice(0, size),
              );
            } catch (error) {
              problem = error;
            }
          }
          return proceed();
        });
        for (const count of counts) {
          const contents = Array.from({ length: count }, (_, i) => entry(appended.length + i));
          appended.push(...contents);
          await writer.appendAll(contents.map(text));
          await writer.publish().catch((error: unknown) => expect(error).toBeInstanceOf(UnreachableError));
        }
        while ((await writer.publish().then(() => "", failureOf)) !== "");
        expect(problem).toBeUndefined();
        expect(await readCold(writer.logId, remote)).toEqual(appended);
      },
    ),
    { numRuns: runs(12, 60) },
  );
});

const failureOf = (error: unknown): string => String(error);

test("a head whose update failed is sent again byte for byte, also when there are newer entries", async () => {
  const remote = memoryRemote({ label: "one" });
  const sent: Uint8Array[] = [];
  let down = true;
  const writer = await open(new PowerCutDatabase(), remote, async (call, proceed) => {
    if (call.kind === "update") {
      sent.push(call.content!.slice());
      if (down) throw unreachable();
    }
    return proceed();
  });
  await writer.appendAll([text("a"), text("b")]);
  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_UNREACHABLE", retry: "exhausted" });
  await writer.append(text("c"));
  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_UNREACHABLE" });
  const tries = sent.length;
  expect(tries).toBeGreaterThan(2);
  for (const content of sent) expect(content).toEqual(sent[0]);
  down = false;
  await writer.publish();
  expect(sent.slice(tries).map((content) => checkpointIn(content).size)).toEqual([2, 3]);
  expect(sent[tries]).toEqual(sent[0]);
  expect(await readCold(writer.logId, remote)).toEqual(["a", "b", "c"]);
});

test("nothing is sent to the name where the intent cannot be made durable", async () => {
  const remote = memoryRemote({ label: "one" });
  const journal = new PowerCutDatabase();
  const writer = await open(journal, remote, (_, proceed) => proceed());
  await writer.append(text("a"));
  const intentKey = String.fromCharCode(...remoteKey("one", "intent"));
  journal.onWrite = (operations) => {
    const keys = operations.map(({ key }) => String.fromCharCode(...key));
    if (keys.includes(intentKey)) throw new Error("No space left on device");
  };
  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_JOURNAL" });
  expect(await remote.names.resolve(writer.logId)).toEqual({ status: "absent" });
  journal.onWrite = () => undefined;
  await writer.publish();
  expect(await readCold(writer.logId, remote)).toEqual(["a"]);
});

test("a storage that answers a put with another address is not believed: ERR_INTEGRITY, and no update", async () => {
  const remote = memoryRemote({ label: "one" });
  const other = await remote.storage.put(text("other"));
  const writer = await open(new PowerCutDatabase(), remote, async (call, proceed) =>
    call.kind === "put" ? (other as never) : proceed(),
  );
  await writer.append(text(entry(0)));
  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(await remote.names.resolve(writer.logId)).toEqual({ status: "absent" });
});

test("a head that the name cannot hold goes into the storage, and the name points at it", async () => {
  const remote = memoryRemote({ label: "one" });
  const names = { ...remote.names, capabilities: { ...remote.names.capabilities, largestContent: 100 } };
  const contents: string[] = [];
  const writer = await open(new PowerCutDatabase(), { ...remote, names }, (_, proceed) => proceed());
  for (let i = 0; i < 10; i++) {
    contents.push(entry(i));
    await writer.append(text(entry(i)));
    await writer.publish();
    expect(await readCold(writer.logId, remote)).toEqual(contents);
  }
  const found = await remote.names.resolve(writer.logId);
  expect(found.status === "found" && found.content.length).toBeLessThan(100);
});
