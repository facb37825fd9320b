import { addressOf, rawSha256 } from "@remote-log/core";
import { type GatewayRemoteOptions, gatewayRemote } from "@remote-log/ipfs/gateway";
import { answer, failure, NEVER, type Reply, randomBytes, type ScriptedServer } from "@remote-log/test-kit";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { IpnsName } from "../../src/record/ipns-name.ts";

const RAW = "application/vnd.ipld.raw";
const name = IpnsName.fromPublicKey(randomBytes(32)).text;
const hello = new TextEncoder().encode("hello");
const address = await addressOf(hello, rawSha256);
const nobody = "http://127.0.0.1:1";

const has = (): Promise<ScriptedServer> => scriptedServer(answer(200, RAW, hello));
const lacks = (): Promise<ScriptedServer> => scriptedServer(answer(404, "text/plain"));

function opened(urls: readonly string[], options: Partial<GatewayRemoteOptions> = {}) {
  return gatewayRemote({ urls, name, ...options }).storage;
}

test.each([
  ["does not have it", lacks],
  ["shows something else", () => scriptedServer(answer(200, RAW, "jelly"))],
  ["is no gateway", () => scriptedServer(answer(200, "text/html", "<h1>Log in</h1>"))],
  ["refuses", () => scriptedServer(answer(403, "text/plain"))],
])("if the first gateway %s, the next is asked at once", async (_, first) => {
  const [one, two] = [await first(), await has()];
  const storage = opened([one.url, two.url], { patienceMilliseconds: 20_000 });
  expect(await storage.get(address)).toEqual(hello);
});

test("the gateway that gave a content is asked first from then on", async () => {
  const [one, two, three] = [await lacks(), await has(), await lacks()];
  const storage = opened([one.url, two.url, three.url]);
  for (let i = 0; i < 5; i++) await storage.get(address);
  expect([one, two, three].map(({ requests }) => requests.length)).toEqual([1, 5, 0]);
});

test("while a gateway is silent the next is asked, too, and the one that lost is given up", async () => {
  const one = await scriptedServer(NEVER);
  const two = await has();
  const storage = opened([one.url, two.url], { patienceMilliseconds: 10 });
  expect(await storage.get(address)).toEqual(hello);
  expect(one.requests.length).toBe(1);
  await expect.poll(() => one.requests[0]?.signal.aborted).toBe(true);
});

test("a slow gateway may still be the one that answers", async () => {
  let answerSlowly = (_reply: Reply): void => undefined;
  const slow = new Promise<Reply>((resolve) => {
    answerSlowly = resolve;
  });
  const one = await scriptedServer(slow);
  const two = await scriptedServer(() => {
    answerSlowly(answer(200, RAW, hello));
    return NEVER;
  });
  expect(await opened([one.url, two.url], { patienceMilliseconds: 10 }).get(address)).toEqual(hello);
});

test("it is not found only where every gateway says so", async () => {
  const [one, two] = [await lacks(), await lacks()];
  expect(await failure(opened([one.url, two.url]).get(address))).toMatchObject({ code: "ERR_NOT_FOUND" });
  const [jelly, denies] = [
    await scriptedServer(answer(200, RAW, "jelly")),
    await scriptedServer(answer(403, "text/plain")),
  ];
  const cases = [
    [[one.url, nobody], "ERR_UNREACHABLE"],
    [[one.url, jelly.url], "ERR_INTEGRITY"],
    [[one.url, denies.url], "ERR_DENIED"],
    [[denies.url, nobody, one.url], "ERR_UNREACHABLE"],
  ] as const;
  for (const [urls, code] of cases) {
    expect(await failure(opened(urls).get(address))).toMatchObject({ code });
  }
});

test("has is true where any gateway has it, and false only where none has", async () => {
  const [yes, no, neither] = [await has(), await lacks(), await lacks()];
  expect(await opened([no.url, nobody, yes.url]).has(address)).toBe(true);
  expect(await opened([no.url, neither.url]).has(address)).toBe(false);
  expect(await failure(opened([no.url, nobody]).has(address))).toMatchObject({ code: "ERR_UNREACHABLE" });
});

test("an abort ends it with its own reason, and close with ERR_CLOSED", async () => {
  const [one, two] = [await scriptedServer(NEVER), await scriptedServer(NEVER)];
  const storage = opened([one.url, two.url], { patienceMilliseconds: 1 });
  const controller = new AbortController();
  const ending = failure(storage.get(address, { signal: controller.signal }));
  await expect.poll(() => two.requests.length).toBe(1);
  controller.abort("enough");
  expect(await ending).toBe("enough");
  const waiting = failure(storage.get(address));
  await expect.poll(() => two.requests.length).toBe(2);
  await storage.close?.();
  expect(await waiting).toMatchObject({ code: "ERR_CLOSED" });
  for (const doing of [() => storage.get(address), () => storage.has(address), () => storage.put(hello)]) {
    expect(await failure(doing())).toMatchObject({ code: "ERR_CLOSED" });
  }
});

test("nothing can be stored", async () => {
  expect(await failure(opened([nobody]).put(hello))).toMatchObject({
    code: "ERR_UNSUPPORTED",
    reason: "read-only",
  });
});

test.each([
  ["neither", {}],
  ["both", { url: nobody, urls: [nobody] }],
  ["none", { urls: [] }],
  ["one twice", { urls: ["https://gateway.example", "https://gateway.example/"] }],
  [
    "headers for several",
    { urls: [nobody, "https://gateway.example"], headers: { authorization: "hush-hush" } },
  ],
  ["no patience", { url: nobody, patienceMilliseconds: -1 }],
])("%s is refused: %j", (_, options) => {
  const refused = expect.objectContaining({
    code: "ERR_INVALID_INPUT",
    message: expect.not.stringContaining("hush-hush") as string,
  });
  expect(() => gatewayRemote({ name, ...options })).toThrow(refused);
});
