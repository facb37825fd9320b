import { parseLink } from "@remote-log/core";
import { type KuboServer, serverOrSkip, startKubo } from "@remote-log/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Place } from "../../rlog.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("rlog on IPFS nodes that do not know each other", () => {
  let alices: KuboServer;
  let attic: KuboServer;

  beforeAll(async () => {
    [alices, attic] = await Promise.all([startKubo(), startKubo()]);
  });

  afterAll(async () => {
    await Promise.all([alices?.stop(), attic?.stop()]);
  });

  /** A log on Alice's node, with a large content, and its link by her gateway. */
  async function published(): Promise<{ place: Place; id: string; name: string; link: string }> {
    const place = await Place.make();
    place.env = { IPFS_GATEWAY: alices.gateway };
    const id = (await place.ok(["--quiet", "init", "--public", "--remote", `ipfs+${alices.rpc}`])).out.trim();
    await place.ok(["append", "one", "two", "x".repeat(5000), "--publish"]);
    const link = (await place.ok(["link"])).out.trim();
    const name = /ipns:\/\/(k51[0-9a-z]+)/.exec(link)![1]!;
    return { place, id, name, link };
  }

  /** What a node answers to a command; the text, whether or not it is a failure. */
  async function ask(node: KuboServer, command: string): Promise<string> {
    return (await fetch(`${node.rpc}/api/v0/${command}`, { method: "POST" })).text();
  }

  const entries = `one\ntwo\n${"x".repeat(5000)}\n`;

  test("a log is published on a node, and its link is read through a gateway, without a node", async () => {
    const { place, id, name, link } = await published();
    expect(parseLink(link)).toMatchObject({
      logId: id,
      remotes: [`ipns://${name}?gateway=${alices.gateway}`],
      floor: { size: 3 },
    });
    const reader = await Place.make({ apart: true });
    // Her gateway is on this machine, where a link leads only if its reader says so.
    const unasked = await reader.rlog(["read", link]);
    expect(unasked).toMatchObject({ code: 1, out: "" });
    expect(unasked.err).toContain(`--trust '${alices.gateway}'`);
    const trusting = ["read", link, "--trust", alices.gateway];
    expect(await reader.ok(trusting)).toMatchObject({ out: entries, err: "" });
    for (const uri of [
      `ipns://${name}`,
      `${alices.gateway}/ipns/${name}`,
      `ipfs+${alices.rpc}?name=${name}`,
    ]) {
      expect((await place.ok(["latest", id, "2", "--remote", uri])).out).toBe(entries.slice("one\n".length));
    }
    await place.ok(["append", "four", "--publish"]);
    expect((await place.ok(["latest", link])).out).toBe("four\n");
    expect((await place.ok(["verify", link])).out).toContain("size     4 entries");
  });

  test("the name stays when the signing key is replaced, and readers by the old link continue", async () => {
    const place = await Place.make();
    place.env = { IPFS_GATEWAY: alices.gateway };
    const begun = await place.ok(["init", "--public", "--recovery-words", "--remote", `ipfs+${alices.rpc}`]);
    const words = begun.out.split("\n").slice(1).join("\n");
    await place.ok(["append", "one", "--publish"]);
    const link = (await place.ok(["link"])).out.trim();
    expect((await place.ok(["latest", link])).out).toBe("one\n");
    const { out } = await place.ok(["rotate-key", "--recovery-file", "-"], words);
    expect(parseLink(out.trim()).remotes).toEqual(parseLink(link).remotes);
    await place.ok(["append", "two", "--publish"]);
    expect((await place.ok(["read", link])).out).toBe("one\ntwo\n");
    expect((await place.ok(["verify", link, "--no-state"])).out).toContain("replaced the signing key 1 time");
    // A device that has the words alone has the same name.
    const { logId } = parseLink(link);
    const node = ["--remote", `ipfs+${alices.rpc}`];
    await place.ok(["recover", logId, ...node, "--seed-file", "-", "--dir", "phone"], words);
    await place.ok(["append", "three", "--publish", "--dir", "phone"]);
    expect((await place.ok(["latest", link])).out).toBe("three\n");
  });

  test("a mirror on another node has the contents and the name, with no key, and serves both", async () => {
    const { place, id, name, link } = await published();
    const mirror = ["mirror", link, "--to", `attic=ipfs+${attic.rpc}`];
    const first = await place.ok(mirror);
    expect(first.out).toMatch(
      new RegExp(
        `^mirrored 3 entries to attic: stored 1 content, .*; /ipns/${name} was put there \\(number 0, until 2`,
      ),
    );
    const there = ["read", id, "--no-state", "--remote", `ipns://${name}?gateway=${attic.gateway}`];
    expect((await place.ok(there)).out).toBe(entries);
    const head = /ipfs\/(\w+)/.exec(await ask(attic, `name/resolve?arg=${name}`))![1]!;
    expect(await ask(attic, `pin/ls?arg=${head}`)).toContain(`"${head}"`);
    await place.ok(["append", ...Array.from({ length: 20 }, (_, i) => `more ${i}`), "--publish"]);
    expect((await place.ok(mirror)).out).toMatch(
      /^mirrored 23 entries .* 0 contents, 2 pages, .* \(number 1, until /,
    );
    expect((await place.ok(there)).out).toContain("more 19\n");
    // What the mirror holds is pinned: garbage collection leaves it, and the old head is given up.
    await ask(attic, "repo/gc");
    expect(await ask(attic, `pin/ls?arg=${head}`)).toContain("is not pinned");
    expect((await place.ok(there)).out).toContain("more 19\n");
  });

  test("a log goes from a node to a folder, and from there to a node, where it has no name then", async () => {
    const { place, id, link } = await published();
    const copy = place.uri("copy");
    expect((await place.ok(["mirror", link, "--to", copy])).out).toContain("; the name was set\n");
    expect((await place.ok(["read", id, "--no-state", "--remote", copy])).out).toBe(entries);
    const { out } = await place.ok(["mirror", id, "--remote", copy, "--to", `ipfs+${attic.rpc}`]);
    expect(out).toContain("; the name was not set there: the log has no IPNS name at its source\n");
  });

  test("keep puts the record of a name again, by link or URI, and says until when it can", async () => {
    const { place, name, link } = await published();
    const kept = new RegExp(`^kept /ipns/${name}: number 0, expires \\d{4}-.*Z, put on .*${alices.rpc}`);
    expect((await place.ok(["keep", link, "--node", alices.rpc, "--once"])).out).toMatch(kept);
    const uri = `ipns://${name}?node=${alices.rpc}`;
    expect((await place.ok(["keep", uri, "--once"])).out).toMatch(kept);
    const keeping = place.start(["keep", `ipfs+${alices.rpc}?name=${name}`, "--every", "0.001"]);
    await keeping.shows(`kept /ipns/${name}`);
    keeping.child.kill("SIGINT");
    expect((await keeping.ended).code).toBe(0);
    // A node that never saw the name has nothing to keep.
    const other = await place.rlog(["keep", link, "--node", attic.rpc, "--once"]);
    expect(other.code).toBe(4);
    expect(other.err).toContain("[ERR_NOT_FOUND]");
  });

  test("where nothing stands under a name, the whole name is shown, and that networks forget", async () => {
    const { place, id, name } = await published();
    const words = ["read", id, "--remote", `ipns://${name}?node=${attic.rpc}`];
    const { code, err } = await place.rlog(words);
    expect(code).toBe(4);
    expect(err).toMatch(new RegExp(`^Nothing was found under the IPNS name ${name}\\. .*forgets.*\nrlog: `));
    expect((await place.rlog([...words, "--quiet"])).err).toMatch(/^rlog: .*\[ERR_NOT_FOUND\]\n$/);
  });

  test("a URI that can't be used leaves nothing behind, and what it holds is not shown", async () => {
    const place = await Place.make();
    for (const uri of [
      `ipfs+${alices.rpc}?key=hunter2`,
      `ipfs+${alices.rpc}?name=hunter2`,
      "ipns://hunter2",
    ]) {
      const { code, out, err } = await place.rlog(["init", "--public", "--remote", uri]);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).not.toContain("hunter2");
    }
    expect((await place.ok(["--quiet", "init", "--public", "--remote", `ipfs+${alices.rpc}`])).out).toMatch(
      /^[0-9a-f]{64}\n$/,
    );
  });

  test("appending is possible while the node is off", async () => {
    const place = await Place.make();
    await place.ok(["init", "--public", "--remote", "ipfs+http://127.0.0.1:9"]);
    await place.ok(["append", "a"]);
    const { code, err } = await place.rlog(["publish"]);
    expect(code).toBe(4);
    expect(err).toContain("[ERR_UNREACHABLE]");
  });
});
