import { type Fetch, kuboRoute, LARGEST_RECORD } from "@remote-log/ipfs";
import { bytes, failure } from "@remote-log/test-kit";
import { describe, expect, test } from "vitest";
import { alice } from "../opened-names.ts";
import { record } from "../records.ts";

const sent = await record(alice, bytes("a head"));
const other = await record(alice, bytes("another"), { sequence: 1n });

type Reply = () => Response | Promise<Response>;

/** A route to a node that answers as it is told, by the names of its commands. */
function route(replies: Readonly<Record<string, Reply>>) {
  const calls: string[] = [];
  const files: Uint8Array[] = [];
  const fetch: Fetch = async (text, { body, headers }) => {
    const url = new URL(text);
    const command = url.pathname.replace("/api/v0/", "");
    calls.push(`${command}?${url.searchParams}`);
    if (body != null) {
      const form = await new Response(body, { headers: headers! }).formData();
      files.push(new Uint8Array(await (form.get("file") as File).arrayBuffer()));
    }
    return (replies[command] ?? notThere)();
  };
  return {
    calls,
    files,
    at: kuboRoute({ node: "http://127.0.0.1:5001", fetch }),
  };
}

const raw = (body: Uint8Array) => () => new Response(Uint8Array.from(body));
const json =
  (...lines: unknown[]) =>
  () =>
    new Response(lines.map((line) => JSON.stringify(line)).join("\n"));
const saying = (Message: string) => () =>
  new Response(JSON.stringify({ Message, Code: 0, Type: "error" }), { status: 500 });
const notThere: Reply = () => new Response("404 page not found\n", { status: 404 });
const event = (of: Uint8Array) => ({ Type: 5, Extra: Buffer.from(of).toString("base64") });
const taken = json({ Name: alice.name.text, Value: "/ipfs/x" });
const none = saying("routing: not found");
const options = {};

describe("a node that knows name/put and name/get", () => {
  test("gives the bytes of a record as they are, by one request", async () => {
    const { at, calls } = route({ "name/get": raw(sent) });
    expect(await at.get(alice.name, options)).toEqual(sent);
    expect(calls).toEqual([`name/get?arg=${alice.name}`]);
  });

  test("has none where it says so, and not where it says anything else", async () => {
    expect(await route({ "name/get": none }).at.get(alice.name, options)).toBeUndefined();
    for (const text of ["context deadline exceeded", "unexpected", ""]) {
      const failed = await failure(route({ "name/get": saying(text) }).at.get(alice.name, options));
      expect(failed).toHaveProperty("code", expect.stringMatching(/^ERR_(TIMEOUT|UNREACHABLE)$/));
    }
  });

  test("does not have none because something before it says so", async () => {
    for (const status of [404, 502]) {
      const proxy = () => new Response("no record of that host", { status });
      const { at } = route({ "name/get": proxy, "routing/get": proxy });
      expect(await failure(at.get(alice.name, options))).toMatchObject({ code: "ERR_UNREACHABLE" });
    }
  });

  test("is sent the bytes of a record as they are, by one request", async () => {
    const { at, calls, files } = route({ "name/put": taken });
    await at.put(alice.name, sent, options);
    expect(calls).toEqual([`name/put?arg=${alice.name}`]);
    expect(files).toEqual([sent]);
  });

  test("that refuses an older record is a conflict", async () => {
    const said =
      "existing IPNS record has sequence 2 >= new record sequence 1, use 'ipfs name put --force' to skip this check";
    for (const text of [said, "can't replace a newer value with an older value"]) {
      expect(
        await failure(route({ "name/put": saying(text) }).at.put(alice.name, sent, options)),
      ).toMatchObject({ code: "ERR_NAME_CONFLICT" });
    }
  });

  test.each([
    ["failed to find any peer in table", "connect it", "no-peers"],
    ["this command must be run in online mode. Try running 'ipfs daemon' first.", "--offline", "offline"],
    ["can't put while offline: pass `--allow-offline` to store locally", "--offline", "offline"],
    ["record validation failed: record is expired", "the clock of this device", "clock-skew"],
  ])("that says %j is unreachable, with what to do", async (text, advice, reason) => {
    const failed = await failure(route({ "name/put": saying(text) }).at.put(alice.name, sent, options));
    expect(failed).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe", reason });
    expect(failed.message).toContain(advice);
  });

  test("that answers about another name, or with a page, has taken nothing", async () => {
    for (const reply of [json({ Name: "k51other" }), raw(bytes("<html>")), json()]) {
      const failed = await failure(route({ "name/put": reply }).at.put(alice.name, sent, options));
      expect(failed).toMatchObject({ code: "ERR_UNREACHABLE" });
    }
  });

  test("that sends more than a record can have, or than is asked for, is cut off", async () => {
    const { at } = route({ "name/get": () => new Response(endless()) });
    expect(await failure(at.get(alice.name, options))).toMatchObject({
      code: "ERR_TOO_LARGE",
      limit: LARGEST_RECORD,
    });
    expect(await failure(at.get(alice.name, { maxBytes: 300 }))).toMatchObject({ limit: 300 });
  });
});

describe("a node too old to know them", () => {
  test("is asked for its value by routing/get, and not again by name/get", async () => {
    const reply = json({ Type: 1, Responses: null }, { Type: 0, Extra: "noise" }, event(sent), event(other));
    const { at, calls } = route({ "routing/get": reply });
    expect(await at.get(alice.name, options)).toEqual(sent);
    expect(await at.get(alice.name, options)).toEqual(sent);
    const asked = `routing/get?arg=%2Fipns%2F${alice.name}`;
    expect(calls).toEqual([`name/get?arg=${alice.name}`, asked, asked]);
  });

  test("has none where it says so", async () => {
    expect(await route({ "routing/get": none }).at.get(alice.name, options)).toBeUndefined();
  });

  test("is not believed when it says that it has published: the record is read back", async () => {
    const put = { "routing/put": json({ Type: 5, ID: "12D3Koo" }) };
    const good = route({ ...put, "routing/get": json(event(sent)) });
    await good.at.put(alice.name, sent, options);
    expect(good.calls.map((call) => call.replace(/\?.*/, ""))).toEqual([
      "name/put",
      "routing/put",
      "routing/get",
    ]);
    const outdone = route({ ...put, "routing/get": json(event(other)) });
    expect(await failure(outdone.at.put(alice.name, sent, options))).toMatchObject({
      code: "ERR_NAME_CONFLICT",
    });
    const lost = route({ ...put, "routing/get": none });
    const error = await failure(lost.at.put(alice.name, sent, options));
    expect(error).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
    expect(error.message).toContain("showed no record");
  });

  test("is heard to the end of a put, which it would give up otherwise", async () => {
    let peers = 0;
    let ended = false;
    const events = (): ReadableStream =>
      new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          controller.enqueue(bytes('{"Type":5,"ID":"12D3Koo"}\n'));
          ended = ++peers === 3;
          if (ended) controller.close();
        },
      });
    const { at } = route({
      "routing/put": () => new Response(events()),
      "routing/get": async () => (ended ? json(event(sent))() : none()),
    });
    await at.put(alice.name, sent, options);
    expect(ended).toBe(true);
  });

  test("that sends no event with a record is not understood", async () => {
    for (const reply of [
      json(),
      json({ Type: 1 }),
      json({ Type: 5 }),
      json({ Type: 5, Extra: "%%" }),
      raw(bytes("x")),
    ]) {
      expect(await failure(route({ "routing/get": reply }).at.get(alice.name, options))).toMatchObject({
        code: "ERR_UNREACHABLE",
      });
    }
  });

  test("that sends events without end is cut off", async () => {
    const { at } = route({ "routing/get": () => new Response(endless()) });
    const notKubo = { code: "ERR_UNREACHABLE", reason: "wrong-service" };
    expect(await failure(at.get(alice.name, options))).toMatchObject(notKubo);
  });

  test("is taken for what it is only once it has answered: a wrong URL knows neither command", async () => {
    const { at, calls } = route({});
    for (let i = 0; i < 2; i++) {
      expect(await failure(at.get(alice.name, options))).toMatchObject({ code: "ERR_UNREACHABLE" });
    }
    expect(calls.filter((call) => call.startsWith("name/get")).length).toBe(2);
  });
});

test("an abort keeps its reason, before a request and while it runs", async () => {
  const reason = new Error("gave up");
  const aborting = new AbortController();
  const fetch: Fetch = (_url, { signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(new TypeError("fetch failed")));
      queueMicrotask(() => aborting.abort(reason));
    });
  const at = kuboRoute({ node: "http://127.0.0.1:5001", fetch });
  expect(await failure(at.get(alice.name, { signal: aborting.signal }))).toBe(reason);
  expect(await failure(at.put(alice.name, sent, { signal: aborting.signal }))).toBe(reason);
});

/** Bytes without end. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1000).fill(0x20)) });
}
