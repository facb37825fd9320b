import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { deriveKeys, parseLink } from "@remote-log/core";
import { type BeeServer, serverOrSkip, startBee } from "@remote-log/servers";
import { swarmBmt, swarmRemote, swarmStorage } from "@remote-log/swarm";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Place } from "../../rlog.ts";

const { skip } = await serverOrSkip("bee");

const entries = `one\ntwo\n${"x".repeat(5000)}\n`;
/** Blocks of 5 seconds in a day. */
const DAY = 17_280;

describe.skipIf(skip)("rlog on two Bee nodes of one network", () => {
  let bee: BeeServer;

  beforeAll(async () => {
    bee = await startBee({ nodes: 2 });
  });

  afterAll(() => bee?.stop());

  /** A remote on a node, by default the first, with a batch of its own. */
  async function remoteOn(options: Parameters<BeeServer["buyBatch"]>[0] = {}): Promise<string> {
    const batch = await bee.buyBatch(options);
    return `bee+${bee.nodes[options?.node ?? 0]}?stamp=${batch}`;
  }

  /** A log with a large content, and the link by which the second node's users read it. */
  async function published(uri: string): Promise<{ place: Place; id: string; link: string; feed: string }> {
    const place = await Place.make();
    place.env = { SWARM_GATEWAY: bee.nodes[1]! };
    const id = (await place.ok(["--quiet", "init", "--public", "--remote", `swarm=${uri}`])).out.trim();
    await place.ok(["append", "one", "two", "x".repeat(5000), "--publish"]);
    const link = (await place.ok(["link"])).out.trim();
    return { place, id, link, feed: /swarm:\/\/[0-9a-f]{40}\/[0-9a-f]{64}/.exec(link)![0] };
  }

  /** Another way to the first node, which can be closed: then it is as if the node were off. */
  async function wayToFirst(): Promise<{ url: string; close(): void }> {
    const server = createServer((asked, reply) => {
      const { method, url, headers } = asked;
      asked.pipe(
        request(new URL(url!, bee.url), { method, headers }, (answer) => {
          reply.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(reply);
        }),
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const close = (): void => {
      server.close();
      server.closeAllConnections();
    };
    onTestFinished(close);
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
  }

  interface Batch {
    readonly stamp: string;
    readonly lostOn: string;
    readonly utilization: number;
  }

  /** What `rlog doctor` finds at the one remote of a log. */
  async function examined(
    place: Place,
  ): Promise<{ code: number | null; codes: readonly string[]; batch: Batch | undefined }> {
    const { code, out } = await place.rlog(["doctor", "--json"]);
    const [remote] = (
      JSON.parse(out) as {
        remotes: readonly {
          findings: readonly { code: string }[];
          details?: { batch: Batch };
        }[];
      }
    ).remotes;
    return { code, codes: remote!.findings.map((one) => one.code), batch: remote!.details?.batch };
  }

  async function changeConfig(place: Place, remotes: Readonly<Record<string, string>>): Promise<void> {
    const path = place.path(".rlog", "config.json");
    const config = JSON.parse(await readFile(path, "utf8")) as object;
    await writeFile(path, JSON.stringify({ ...config, remotes }));
  }

  test("a log is published on a node, and read by its link through another while the writer's node is off", async () => {
    const way = await wayToFirst();
    const batch = await bee.buyBatch();
    const { place, id, link, feed } = await published(`bee+${way.url}?stamp=${batch}`);
    expect(parseLink(link)).toMatchObject({
      logId: id,
      remotes: [`${feed}?gateway=${bee.nodes[1]}`],
      floor: { size: 3 },
    });
    expect(link).not.toContain(way.url);
    expect(link).not.toContain(batch);
    way.close();
    expect(await place.ok(["read", link])).toMatchObject({ out: entries, err: "" });
    const [, owner] = feed.split(/\/+/);
    const seed = Buffer.from((await readFile(place.path(".rlog", "seed"), "utf8")).trim(), "hex");
    expect(swarmRemote({ bee: bee.url, nameKey: deriveKeys(new Uint8Array(seed)).swarm }).owner).toBe(owner);
    for (const uri of [feed, `bee+${bee.nodes[1]}?owner=${owner}`]) {
      expect((await place.ok(["latest", id, "2", "--no-state", "--remote", uri])).out).toBe(entries.slice(4));
    }
    expect((await place.ok(["append", "four"])).err).toContain("Appended 1 entry");
    const failed = await place.rlog(["publish"]);
    expect(failed.code).toBe(4);
    expect(failed.err).toMatch(new RegExp(`${way.url}: .* Is it running, .*\\[ERR_UNREACHABLE\\]\n$`));
    expect(await examined(place)).toMatchObject({ code: 5, codes: ["ERR_UNREACHABLE"] });
  });

  test("follow shows on one node what is published on another while it runs", async () => {
    const { place, link } = await published(await remoteOn());
    const following = place.start(["follow", link, "--poll", "0.1"]);
    await following.shows("x\n");
    await place.ok(["append", "four", "--publish"]);
    await following.shows("four\n");
    following.child.kill("SIGINT");
    expect((await following.ended).code).toBe(0);
    expect((await place.ok(["verify", link])).out).toContain("size     4 entries");
  });

  test("a link without a gateway is read through the reader's own, and advice tells of it where there is none", async () => {
    const place = await Place.make();
    const id = "0".repeat(64);
    const feed = `swarm://${"0".repeat(40)}/${id}`;
    const off = await place.rlog(["read", id, "--remote", `${feed}?gateway=http://127.0.0.1:9`]);
    expect(off.code).toBe(4);
    expect(off.err).not.toContain("SWARM_GATEWAY");
    place.env = { SWARM_GATEWAY: bee.url };
    const nothing = await place.rlog(["read", id, "--remote", feed]);
    expect(nothing.code).toBe(4);
    expect(nothing.err).toMatch(/^Nothing was found in the feed of 0{40}\. .*\nrlog: .*\[ERR_NOT_FOUND\]\n$/);
  });

  test("a mirror stores the contents with a batch of its own, without the key, and sets no name", async () => {
    const { place, link } = await published(await remoteOn());
    const to = await remoteOn({ node: 1 });
    const mirror = ["mirror", link, "--to", `attic=${to}`];
    expect((await place.ok(mirror)).out).toMatch(
      /^mirrored 3 entries to attic: stored 1 content, .*; the name was not set there: only the log's writer can write its feed on Swarm\n$/,
    );
    await place.ok(["append", ...Array.from({ length: 20 }, (_, i) => `more ${i}`), "--publish"]);
    expect((await place.ok(mirror)).out).toMatch(
      /^mirrored 23 entries to attic: stored 0 contents, 2 pages, /,
    );
    const { utilization } = await swarmStorage({ bee: bee.nodes[1]!, stamp: to.slice(-64) }).health();
    expect(utilization).toBeGreaterThan(0);
  });

  test("between Swarm and a folder nothing is mirrored, since addresses are of another kind", async () => {
    const { place, link } = await published(await remoteOn());
    const there = await place.rlog(["mirror", link, "--to", place.uri("copy")]);
    expect(there.code).toBe(1);
    expect(there.err).toContain("[ERR_UNSUPPORTED]");
  });

  test("a mutable batch is refused with advice, and taken where the URI allows it", async () => {
    const place = await Place.make();
    const uri = await remoteOn({ immutable: false });
    await place.ok(["init", "--public", "--remote", `swarm=${uri}`]);
    const refused = await place.rlog(["append", "a", "--publish"]);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/add &mutable=allow to it\.\nrlog: .*\[ERR_INVALID_INPUT\]\n$/);
    expect(await examined(place)).toMatchObject({ code: 5, codes: ["mutable"] });
    await changeConfig(place, { swarm: `${uri}&mutable=allow` });
    await place.ok(["publish"]);
    expect(await examined(place)).toMatchObject({ code: 0, codes: [] });
    expect((await place.ok(["doctor"])).out).toContain("(depth 20, mutable)");
  });

  test("doctor warns of a batch that is nearly full, with the command that dilutes it", async () => {
    const uri = await remoteOn({ depth: 17 });
    const { place } = await published(uri);
    const storage = swarmStorage({ bee: bee.url, stamp: uri.slice(-64) });
    for (const content of await twoOfOneBucket()) await storage.put(content).catch(() => undefined);
    const { code, out } = await place.rlog(["doctor"]);
    expect(code).toBe(5);
    expect(out).toContain("shows the newest state, 3 entries");
    expect(out).toContain(`swarm-cli stamp dilute --stamp ${uri.slice(-64)} --depth 18`);
    expect(await examined(place)).toMatchObject({ codes: ["nearly-full"], batch: { utilization: 1 } });
  });

  test("a log that is gone with its batch is told to be, and the batch of another node is not taken for an expired one", async () => {
    const { place } = await published(await remoteOn());
    const other = await startBee();
    onTestFinished(() => other.stop());
    await changeConfig(place, { swarm: `bee+${other.url}?stamp=${"ab".repeat(32)}` });
    expect(await examined(place)).toMatchObject({ code: 5, codes: ["absent", "ERR_QUOTA"] });
    await changeConfig(place, { foreign: `bee+${bee.nodes[1]}?stamp=${await bee.buyBatch()}` });
    const refused = await place.rlog(["append", "four", "--publish"]);
    expect(refused.err).toMatch(/^Appended .*\nrlog: .*belongs to another node.*\[ERR_QUOTA\]\n$/);
  });

  test("doctor tells the day on which the log is lost, warns before, and after it the log moves to another batch", async () => {
    const { place, id, feed } = await published(await remoteOn());
    const healthy = await examined(place);
    expect(healthy).toMatchObject({ code: 0, codes: [] });
    const days = (Date.parse(healthy.batch!.lostOn) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(23);
    expect(days).toBeLessThan(25);
    expect((await place.ok(["doctor"])).out).toMatch(
      /paid for 2\d days: unless it is topped up, the log is lost on \d{4}-\d\d-\d\d\n/,
    );
    await bee.passBlocks(12 * DAY);
    const soon = await examined(place);
    expect(soon).toMatchObject({ code: 5, codes: ["expires-soon"] });
    expect((await place.rlog(["doctor"])).out).toContain(
      `swarm-cli stamp topup --stamp ${soon.batch!.stamp}`,
    );
    await bee.passBlocks(13 * DAY);
    expect((await examined(place)).codes).toContain("ERR_QUOTA");
    const refused = await place.rlog(["append", "four", "--publish"]);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(
      /give the remote a new label in config.json as well,.*\nrlog: .*\[ERR_QUOTA\]\n$/,
    );
    const later = await remoteOn();
    await changeConfig(place, { later });
    const { pushes } = await bee.counts();
    await place.ok(["publish"]);
    // All of it is stored anew: the large content has three chunks, and the head is one.
    expect((await bee.counts()).pushes).toBeGreaterThanOrEqual(pushes + 4);
    expect(await examined(place)).toMatchObject({ code: 0, batch: { stamp: later.slice(-64) } });
    expect((await place.ok(["read", id, "--no-state", "--remote", feed])).out).toBe(`${entries}four\n`);
  });
});

/** Two contents whose chunks belong to one of the 65,536 buckets of a batch: that of the first two bytes of an address. */
async function twoOfOneBucket(): Promise<readonly [Uint8Array, Uint8Array]> {
  const seen = new Map<number, Uint8Array>();
  for (let number = 0; ; number++) {
    const content = new TextEncoder().encode(`content ${number}`);
    const digest = await swarmBmt.digest(content);
    const bucket = digest[0]! * 256 + digest[1]!;
    const other = seen.get(bucket);
    if (other !== undefined) return [other, content];
    seen.set(bucket, content);
  }
}
