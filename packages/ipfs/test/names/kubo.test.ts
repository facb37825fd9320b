import { delegatedRoute, ipfsStorage, ipnsNames, keepNameOnce, kuboRoute } from "@remote-log/ipfs";
import { serverOrSkip } from "@remote-log/servers";
import { bytes, failure, randomBytes, type Script } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { readRecord } from "../../src/record/read-record.ts";
import { command } from "../node-command.ts";
import { nodeOfFile } from "../node-for-tests.ts";
import { addressFor, HOUR, type Key, keyOf, record } from "../records.ts";

const { skip } = await serverOrSkip("kubo");

describe.skipIf(skip)("names on Kubo", async () => {
  if (skip) return;
  const node = await nodeOfFile();
  let made = 100;

  /** A writer with a key of its own, on the node by way of a recorder. */
  async function writer(options: { readonly answer?: Script; readonly key?: Key } = {}) {
    const key = options.key ?? (await keyOf(made++));
    const recorder = await scriptedServer(options.answer, { target: node.rpc });
    const at = { node: recorder.url };
    const names = ipnsNames({ storage: ipfsStorage(at), routes: [kuboRoute(at)], nameKey: key.seed });
    let seen = 0;
    const asked = (): string[] => {
      const fresh = recorder.requests.slice(seen);
      seen += fresh.length;
      return fresh.map(({ path }) => path.replace("/api/v0/", ""));
    };
    return { key, name: key.name.text, names, asked };
  }

  test("ipfs name resolve gives the address of the head, and ipfs cat prints it", async () => {
    const { name, names } = await writer();
    const head = bytes("what people see who look with ipfs cat");
    await names.update(name, head, { expected: null });
    const resolved = JSON.parse(await command(node, `name/resolve?arg=${name}`)) as { Path: string };
    expect(resolved.Path).toBe(`/ipfs/${await addressFor(head)}`);
    expect(await command(node, `cat?arg=/ipns/${name}`)).toBe("what people see who look with ipfs cat");
  });

  test("records that Kubo itself has published are valid, and are put again as they are", async () => {
    const { names } = await writer();
    const generated = await command(node, "key/gen?arg=own&type=ed25519&ipns-base=base36");
    const { Id } = JSON.parse(generated) as { Id: string };
    for (let sequence = 0n; sequence < 2n; sequence++) {
      const head = bytes(`published by Kubo, number ${sequence}`);
      const stored = await ipfsStorage({ node: node.rpc }).put(head);
      await command(node, `name/publish?arg=/ipfs/${stored}&key=own&lifetime=24h`);
      const shown = await names.record(Id);
      expect(shown).toMatchObject({ value: `/ipfs/${stored}`, sequence, head: undefined });
      expect(await names.resolve(Id)).toMatchObject({ content: head, revision: `${sequence}-${stored}` });
      const bare = await (await fetch(`${node.rpc}/api/v0/name/get?arg=${Id}`, { method: "POST" })).bytes();
      expect(shown?.bytes).toEqual(bare);
      expect(await names.putRecord(Id, bare)).toMatchObject([{ status: "taken" }]);
    }
  });

  test("an update is two requests, a resolve one; a head that does not fit is one more", async () => {
    const { name, names, asked } = await writer();
    let expected: string | null = await names.update(name, randomBytes(5_000), { expected: null });
    expect(asked()).toEqual(["block/put", "name/put"]);
    await names.resolve(name);
    expect(asked()).toEqual(["name/get"]);
    await names.resolve(name, { known: expected });
    expect(asked()).toEqual(["name/get"]);
    const large = randomBytes(50_000);
    expected = await names.update(name, large, { expected });
    expect(asked()).toEqual(["block/put", "name/put"]);
    expect(await names.resolve(name)).toMatchObject({ content: large });
    expect(asked()).toEqual(["name/get", "block/get"]);
    expect((await names.resolve(name, { known: expected })).status).toBe("unchanged");
    expect(asked()).toEqual(["name/get"]);
    await names.update(name, bytes("third"), { expected });
    const all: string[] = [];
    await expect.poll(() => all.push(...asked()) && all).toEqual(["block/put", "name/put", "pin/rm"]);
  });

  test("of all heads the last two stay pinned", async () => {
    const { name, names } = await writer();
    const heads = Array.from({ length: 4 }, () => randomBytes(100));
    let expected: string | null = null;
    for (const head of heads) expected = await names.update(name, head, { expected });
    const pinned = async () => {
      const list = await command(node, "pin/ls?type=recursive");
      return Promise.all(heads.map(async (head) => list.includes(`${await addressFor(head)}`)));
    };
    await expect.poll(pinned).toEqual([false, false, true, true]);
  });

  test("the node refuses an update below its record, or beside it; one that says the same has succeeded", async () => {
    const one = await writer();
    const other = await writer({ key: one.key });
    const first = await one.names.update(one.name, bytes("one"), { expected: null });
    const beside = failure(other.names.update(one.name, bytes("other"), { expected: null }));
    expect(await beside).toMatchObject({ code: "ERR_NAME_CONFLICT" });
    expect(await one.names.resolve(one.name)).toMatchObject({ content: bytes("one"), revision: first });
    const fresh = await writer({ key: one.key });
    expect(await fresh.names.update(one.name, bytes("one"), { expected: null })).toBe(first);
    expect(fresh.asked()).toEqual(["block/put", "name/put", "name/get"]);
  });

  test("a node too old for name/put and name/get publishes and reads by routing/put and routing/get", async () => {
    const old: Script = ({ path }) =>
      path.startsWith("/api/v0/name/") ? { status: 404, body: "404 page not found\n" } : undefined;
    const { key, name, names, asked } = await writer({ answer: old });
    expect(await names.resolve(name)).toEqual({ status: "absent" });
    expect(asked()).toEqual(["name/get", "routing/get"]);
    const expected = await names.update(name, bytes("one"), { expected: null });
    expect(await names.resolve(name)).toMatchObject({ content: bytes("one") });
    const revision = await names.update(name, bytes("two"), { expected });
    const other = await writer({ key, answer: old });
    // The node says that it has taken this, and has not.
    const late = failure(other.names.update(name, bytes("late"), { expected: null }));
    expect(await late).toMatchObject({ code: "ERR_NAME_CONFLICT" });
    expect(await other.names.resolve(name)).toMatchObject({ content: bytes("two"), revision });
  });

  test("the router on the gateway's port publishes and reads, and what it throws away is noticed", async () => {
    const key = await keyOf(made++);
    const name = key.name.text;
    const route = delegatedRoute({ url: node.gateway });
    const open = () =>
      ipnsNames({ storage: ipfsStorage({ node: node.rpc }), routes: [route], nameKey: key.seed });
    const names = open();
    expect(await names.resolve(name)).toEqual({ status: "absent" });
    let expected: string | null = null;
    for (const text of ["one", "two"]) expected = await names.update(name, bytes(text), { expected });
    expect(await names.resolve(name)).toMatchObject({ content: bytes("two"), revision: expected });
    const late = failure(open().update(name, bytes("late"), { expected: null }));
    expect(await late).toMatchObject({ code: "ERR_NAME_CONFLICT" });
    const shown = await names.record(name);
    expect(await names.putRecord(name, shown!.bytes)).toMatchObject([{ status: "taken" }]);
    expect(await failure(route.put(key.name, await record(await keyOf(1), bytes("x")), {}))).toMatchObject({
      code: "ERR_UNREACHABLE",
    });
  });

  test("the node does not show a record that has expired: who has seen it hears that it is stale", async () => {
    const { key, name, names } = await writer();
    const short = await record(key, bytes("short"), { lifetimeMilliseconds: 2_500 });
    await kuboRoute({ node: node.rpc }).put(key.name, short, {});
    const reader = ipnsNames({
      storage: ipfsStorage({ node: node.rpc }),
      routes: [kuboRoute({ node: node.rpc })],
    });
    expect(await reader.resolve(name)).toMatchObject({ content: bytes("short") });
    await expect
      .poll(() => failure(reader.resolve(name)).catch(() => undefined))
      .toMatchObject({ code: "ERR_STALE" });
    // Whoever writes it continues.
    expect(await names.resolve(name)).toEqual({ status: "absent" });
    expect(
      await names.update(name, bytes("next"), { expected: `0-${await addressFor(bytes("short"))}` }),
    ).toMatch(/^1-/);
    expect(await reader.resolve(name)).toMatchObject({ content: bytes("next") });
  });

  test("a record of 10 KiB, valid for a year, comes back byte for byte", async () => {
    const { key, name } = await writer();
    const full = await record(key, randomBytes(9_999), { lifetimeMilliseconds: 365 * 24 * HOUR });
    expect(full.length).toBe(10 * 1024);
    for (const route of [kuboRoute({ node: node.rpc }), delegatedRoute({ url: node.gateway })]) {
      await route.put(key.name, full, {});
      expect(await route.get(key.name, {})).toEqual(full);
    }
    expect((await readRecord(full, key.name)).name.text).toBe(name);
  });

  test("a keeper carries a record to a node that has never seen it, without the key", async () => {
    const { key, name, names } = await writer();
    await names.update(name, bytes("kept"), { expected: null });
    const second = await nodeOfFile();
    const routes = [kuboRoute({ node: node.rpc }), kuboRoute({ node: second.rpc })];
    const keeper = ipnsNames({ storage: ipfsStorage({ node: second.rpc }), routes });
    const kept = await keepNameOnce({ names: keeper, name });
    expect(kept.routes).toMatchObject([{ status: "taken" }, { status: "taken" }]);
    expect(await routes[1]?.get(key.name, {})).toEqual(kept.record.bytes);
  });
});
