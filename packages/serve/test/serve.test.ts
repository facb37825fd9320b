// A server that mirrors logs and serves them: to readers, to browsers, to operators.

import { createHash } from "node:crypto";
import {
  checkpointOrigin,
  hashLeaf,
  memoryReaderStore,
  openReader,
  parseCheckpoint,
  parseSignedNote,
  type ReadKey,
  type Remote,
} from "@remote-log/core";
import {
  Cosigner,
  cosignedAt,
  cosignerSecretText,
  Policy,
  parseCosignerSecret,
} from "@remote-log/core/cosign";
import { memoryRemote } from "@remote-log/memory";
import { publicS3Remote } from "@remote-log/s3/public";
import { describe, expect, test } from "vitest";
import { rootOfLeaves } from "./roots.ts";
import { serving, written } from "./served.ts";

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const tilesOf = (logId: string): string => `/tlog/${hashOf(checkpointOrigin(logId))}`;

async function cosigner(name: string, fill: number): Promise<Cosigner> {
  const secret = await cosignerSecretText(name, new Uint8Array(32).fill(fill));
  return new Cosigner({ ...(await parseCosignerSecret(secret)), store: memoryReaderStore() });
}

async function readAll(logId: string, remote: Remote, key?: ReadKey): Promise<string[]> {
  const reader = await openReader({ logId, remotes: [remote], ...(key && { key }) });
  const texts: string[] = [];
  for await (const { content } of reader.from(0)) texts.push(new TextDecoder().decode(content));
  await reader.close();
  return texts;
}

test("a reader over HTTP reads the copies of several logs, private ones too, and what is published later", async () => {
  const logs = await Promise.all([written(20), written(3)]);
  const { server, happens, get } = await serving({
    logs: logs.map(({ logId, remote }) => ({ logId, remotes: [remote] })),
  });
  for (const { logId, writer } of logs) {
    await happens(logId, "mirrored");
    const remote = publicS3Remote({ url: `${server.url}/logs/${logId}` });
    const texts = await readAll(logId, remote, writer.readKey);
    expect(texts).toEqual(Array.from({ length: writer.size }, (_, i) => `entry ${i}`));
  }
  const [log] = logs;
  // The name of a memory remote tells of changes, so nobody waits for a poll.
  await log.append(2);
  await happens(log.logId, "mirrored", 22);
  expect((await get(`${tilesOf(log.logId)}/checkpoint`)).ok).toBe(true);
});

test("what is served goes to pages of any origin, in parts, and with conditions; what is not there is 404", async () => {
  const log = await written(40);
  const { happens, get } = await serving({ logs: [{ logId: log.logId, remotes: [log.remote] }] });
  const name = `/logs/${log.logId}/names/${hashOf(log.logId)}`;
  expect((await get(name)).status).toBe(404);
  await happens(log.logId, "mirrored");
  const whole = await get(name);
  expect(whole.headers.get("access-control-allow-origin")).toBe("*");
  const etag = whole.headers.get("etag")!;
  const bytes = new Uint8Array(await whole.arrayBuffer());
  expect((await get(name, { headers: { "if-none-match": etag } })).status).toBe(304);
  const part = await get(name, { headers: { range: "bytes=1-3" } });
  expect(part.status).toBe(206);
  expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.subarray(1, 4));
  const rest = await get(name, { headers: { range: `bytes=${bytes.length - 2}-` } });
  expect(new Uint8Array(await rest.arrayBuffer())).toEqual(bytes.subarray(-2));
  expect((await get(name, { headers: { range: `bytes=${bytes.length}-` } })).status).toBe(416);
  expect((await get(name, { method: "HEAD" })).headers.get("content-length")).toBe(String(bytes.length));
  expect((await get(name, { method: "OPTIONS" })).status).toBe(204);
  expect((await get(name, { method: "DELETE" })).status).toBe(405);
  for (const path of [
    "/",
    "/logs/",
    `/logs/${"0".repeat(64)}/names/${hashOf(log.logId)}`,
    `/logs/${log.logId}/leaves`,
    `/logs/${log.logId}/names/..%2f..%2fleaves`,
    `/logs/${log.logId}/contents/${"0".repeat(64)}`,
    "/add-checkpoint",
  ])
    expect((await get(path)).status, path).toBe(404);
  expect((await get("/add-checkpoint", { method: "POST", body: "old 0\n\n" })).status).toBe(404);
});

test("the tiles of a log, whole and partial, lead to its root, and the bundles hold its leaves", async () => {
  const log = await written(600);
  const { happens, get } = await serving({ logs: [{ logId: log.logId, remotes: [log.remote] }] });
  await happens(log.logId, "mirrored");
  const bytes = async (path: string): Promise<Uint8Array> => {
    const answer = await get(`${tilesOf(log.logId)}/${path}`);
    expect(answer.status, path).toBe(200);
    return new Uint8Array(await answer.arrayBuffer());
  };
  const note = new TextDecoder().decode(await bytes("checkpoint"));
  const { size, root } = parseCheckpoint(parseSignedNote(note).text);
  expect(size).toBe(600);
  const leaves: Uint8Array[] = [];
  for (const path of ["000", "001", "002.p/88"]) {
    const bundle = await bytes(`tile/entries/${path}`);
    const tile = await bytes(`tile/0/${path}`);
    for (let at = 0, i = 0; at < bundle.length; at += 66, i++) {
      expect([...bundle.subarray(at, at + 2)]).toEqual([0, 64]);
      const leaf = bundle.subarray(at + 2, at + 66);
      leaves.push(hashLeaf(leaf));
      expect(tile.subarray(32 * i, 32 * i + 32)).toEqual(leaves.at(-1));
    }
  }
  expect(leaves).toHaveLength(600);
  expect(rootOfLeaves(leaves)).toEqual(root);
  const above = await bytes("tile/1/000.p/2");
  const roots = [leaves.slice(0, 256), leaves.slice(256, 512)].map(rootOfLeaves);
  expect(above).toEqual(new Uint8Array(Buffer.concat(roots)));
  expect(await bytes("tile/0/002.p/5")).toEqual(new Uint8Array(Buffer.concat(leaves.slice(512, 517))));
  for (const path of [
    "tile/0/002",
    "tile/0/002.p/89",
    "tile/0/003",
    "tile/1/000",
    "tile/1/000.p/3",
    "tile/2/000.p/1",
    "tile/0/2",
  ])
    expect((await get(`${tilesOf(log.logId)}/${path}`)).status, path).toBe(404);
});

test("with a cosigner the checkpoint and the copy bear its signature, also after a restart", async () => {
  const log = await written(20);
  const by = await cosigner("mirror.example/m", 7);
  const options = { logs: [{ logId: log.logId, remotes: [log.remote] }], cosigner: by };
  const first = await serving(options);
  await first.happens(log.logId, "mirrored");
  const noteOf = async ({ get }: typeof first): Promise<string> =>
    (await get(`${tilesOf(log.logId)}/checkpoint`)).text();
  const note = await noteOf(first);
  expect(await cosignedAt(parseSignedNote(note), by)).toBeGreaterThan(0);
  const remote = publicS3Remote({ url: `${first.server.url}/logs/${log.logId}` });
  const policy = new Policy(`witness m ${by.verifierKey}\nquorum m`);
  const reader = await openReader({ logId: log.logId, remotes: [remote], policy });
  expect((await reader.sync()).policy?.newest.holds).toBe(true);
  await reader.close();
  await first.server.close();
  // Without its source it still serves what it has.
  const second = await serving({
    folder: first.folder,
    logs: [{ logId: log.logId, remotes: [memoryRemote()] }],
  });
  expect(await noteOf(second)).toBe(note);
});

describe("one log holds up no other:", () => {
  test("logs whose storage never answers, more of them than turns", async () => {
    const honest = await Promise.all([written(10), written(11)]);
    const hostile = await Promise.all([1, 2, 3, 4].map(() => written(25)));
    const silent = ({ remote }: (typeof hostile)[number]): Remote => ({
      label: "silent",
      names: remote.names,
      storage: { ...pick(remote.storage), get: () => new Promise(() => undefined) },
    });
    const { happens } = await serving({
      logs: [
        ...hostile.map((log) => ({ logId: log.logId, remotes: [silent(log)] })),
        ...honest.map(({ logId, remote }) => ({ logId, remotes: [remote] })),
      ],
      passesAtOnce: 2,
      passMilliseconds: 1000,
    });
    for (const { logId, writer } of honest) await happens(logId, "mirrored", writer.size);
    await honest[0].append(3);
    expect((await happens(honest[0].logId, "mirrored", 13)).size).toBe(13);
  });

  test("a log with too many bytes or entries is told as that, and what was mirrored before stays", async () => {
    const [small, long, wide] = await Promise.all([written(10), written(10), written(10)]);
    const { happens, get } = await serving({
      logs: [
        { logId: small.logId, remotes: [small.remote] },
        { logId: long.logId, remotes: [long.remote], limits: { entries: 12 } },
        { logId: wide.logId, remotes: [wide.remote], limits: { bytes: 20_000 } },
      ],
    });
    for (const { logId } of [small, long, wide]) await happens(logId, "mirrored", 10);
    for (const log of [small, long, wide]) await log.append(400);
    await happens(small.logId, "mirrored", 410);
    expect((await happens(long.logId, "over-quota")).error).toMatchObject({ code: "ERR_QUOTA" });
    expect((await happens(wide.logId, "over-quota")).error).toMatchObject({ code: "ERR_QUOTA" });
    for (const { logId } of [long, wide]) {
      const note = await (await get(`${tilesOf(logId)}/checkpoint`)).text();
      expect(parseCheckpoint(parseSignedNote(note).text).size).toBe(10);
    }
    const metrics = await (await get("/metrics")).text();
    expect(metrics).toContain(`rlog_entries{log="${small.logId}"} 410\n`);
    expect(metrics).toMatch(
      new RegExp(`rlog_passes_total\\{log="${long.logId}",result="over-quota"\\} [1-9]`),
    );
    expect(metrics).toContain(`rlog_bytes_limit{log="${wide.logId}"} 20000\n`);
    expect(await (await get("/healthz")).text()).toBe("ok\n");
  });

  test("readers of one log who ask too often get 429, and those of others do not", async () => {
    const [busy, other] = await Promise.all([written(10), written(10)]);
    const { happens, get } = await serving({
      logs: [
        { logId: busy.logId, remotes: [busy.remote], limits: { requestsPerMinute: 3 } },
        { logId: other.logId, remotes: [other.remote] },
      ],
    });
    for (const { logId } of [busy, other]) await happens(logId, "mirrored");
    const ask = async (logId: string): Promise<number> => (await get(`${tilesOf(logId)}/checkpoint`)).status;
    const asked = [];
    for (let i = 0; i < 40; i++) asked.push(await ask(busy.logId));
    expect(asked.slice(0, 3)).toEqual([200, 200, 200]);
    expect(asked.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(await ask(other.logId)).toBe(200);
    const limited = asked.filter((status) => status === 429).length;
    expect(await (await get("/metrics")).text()).toContain(
      `rlog_requests_total{log="${busy.logId}",status="429"} ${limited}\n`,
    );
  });
});

test("chores are done, and one that fails is told", async () => {
  const log = await written(3);
  let done = 0;
  const chores = [
    { name: "good", everyMilliseconds: 1, run: async () => void done++ },
    { name: "bad", everyMilliseconds: 3_600_000, run: async () => Promise.reject(new Error("no node")) },
  ];
  const { happens, get } = await serving({ logs: [{ logId: log.logId, remotes: [log.remote], chores }] });
  expect((await happens(log.logId, "chore-failed")).error).toMatchObject({ message: "no node" });
  await expect.poll(() => done, { timeout: 60_000 }).toBeGreaterThan(2);
  const metrics = await (await get("/metrics")).text();
  expect(metrics).toContain(`rlog_chore_ok{log="${log.logId}",chore="good"} 1\n`);
  expect(metrics).toContain(`rlog_chore_ok{log="${log.logId}",chore="bad"} 0\n`);
});

test("it ends at once, also with a log that never answers and a client that sends nothing", async () => {
  const never = { ...memoryRemote(), label: "never" };
  const names = { ...pick(never.names), resolve: () => new Promise<never>(() => undefined) };
  const { server } = await serving({ logs: [{ logId: "1".repeat(64), remotes: [{ ...never, names }] }] });
  const { connect } = await import("node:net");
  const client = connect(Number(new URL(server.url).port), "127.0.0.1");
  client.on("error", () => undefined);
  await new Promise((resolve) => client.once("connect", resolve));
  await server.close();
  await server.close();
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow("fetch failed");
  client.destroy();
});

/** The methods of an object that has a class. */
function pick<T extends object>(of: T): T {
  const bound: Record<string, unknown> = {};
  for (
    let at: object | null = of;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    for (const key of Object.getOwnPropertyNames(at)) {
      const value = (of as Record<string, unknown>)[key];
      bound[key] ??= typeof value === "function" ? value.bind(of) : value;
    }
  }
  return bound as T;
}
