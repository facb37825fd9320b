import { createServer } from "node:net";
import {
  startTcpFaultProxy,
  type TcpFaultProxy,
  type TcpFaultProxyOptions,
} from "@remote-log/conformance/fault-proxy";
import { expect, test } from "vitest";
import { lineProtocol } from "./tcp/line-proxy.ts";
import { loggedIn, Peer, POLL } from "./tcp/peer.ts";
import { proxiedService } from "./tcp/proxied-service.ts";

// What each fault is on a connection, seen with bare sockets before a real service of lines.

const proxied = proxiedService();
const { startProxy } = proxied;

test("without a fault every byte passes in both directions, however it is cut, and the requests are counted", async () => {
  const proxy = await startProxy();
  const peer = await loggedIn(proxy);
  expect(proxy.requests()).toBe(0);
  for (const piece of ["PU", "T a 61", "62\nGET a\nPI", "NG\nHAS ", "b\n"]) {
    peer.socket.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await peer.sees("+0\n");
  expect(peer.text).toBe("+OK\n=6162\n*PONG\n+0\n");
  expect(proxied.service.lines).toEqual(["PUT a 6162", "GET a", "PING", "HAS b"]);
  expect([proxy.requests(), proxy.faults.met()]).toEqual([3, 0]);
});

test("a message of any size arrives whole, in both directions", async () => {
  const proxy = await startProxy();
  const peer = await loggedIn(proxy);
  const hex = "6162636465666768".repeat(500_000);
  peer.socket.write(`PUT a ${hex}\nGET a\n`);
  await expect.poll(() => peer.text.length, POLL).toBe("+OK\n".length + hex.length + 2);
  expect(peer.text === `+OK\n=${hex}\n` && proxied.service.contents.get("a") === hex).toBe(true);
});

test("the end of either side is passed on, with what was said before it", async () => {
  const proxy = await startProxy();
  const peer = await loggedIn(proxy);
  peer.socket.write("PUT a 61\nUNFINI");
  await peer.sees("+OK\n");
  peer.socket.end();
  await peer.ends("end");
  expect(proxied.service.lines).toEqual(["PUT a 61"]);
  const server = createServer((socket) => socket.end("*BYE\nhalf a li"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxied.stops.push(() => server.close());
  const other = new Peer(
    (await startProxy({ target: server.address() as never as { host: string; port: number } })).port,
  );
  await other.ends("end");
  expect(other.text).toBe("*BYE\nhalf a li");
});

test("unreachable: every connection is reset at once, new ones too, and the service hears nothing", async () => {
  const proxy = await startProxy();
  const [idle, other] = [await loggedIn(proxy), await loggedIn(proxy)];
  await proxy.faults.begin("unreachable");
  // A client in this process has seen it by now.
  expect([idle.ended, other.ended]).toEqual(["ECONNRESET", "ECONNRESET"]);
  await new Peer(proxy.port).ends("ECONNRESET");
  expect([proxied.service.lines, proxy.requests(), proxy.faults.met()]).toEqual([[], 1, 3]);
  proxy.faults.end();
  const again = await loggedIn(proxy);
  again.socket.write("HAS a\n");
  await again.sees("+0\n");
});

test("reply-lost: the service carries it out, and the connection is reset instead of the reply", async () => {
  const proxy = await startProxy();
  const peer = await loggedIn(proxy);
  peer.socket.write("HAS a\n");
  await peer.sees("+0\n");
  await proxy.faults.begin("reply-lost");
  // What is no reply passes.
  peer.socket.write("PING\n");
  await peer.sees("*PONG\n");
  peer.socket.write("PUT a 61\n");
  await peer.ends("ECONNRESET");
  expect(peer.text).toBe("+0\n*PONG\n");
  expect(proxied.service.contents.get("a")).toBe("61");
});

test("reply-lost: a request that began under the fault loses its reply after the end of it too, and only that one", async () => {
  const slow = createServer((socket) => {
    socket.setEncoding("latin1").on("data", (text: string) => {
      for (const line of text.trimEnd().split("\n")) setTimeout(() => socket.write(`+${line}\n`), 50);
    });
  });
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  proxied.stops.push(() => slow.close());
  const { port } = slow.address() as { port: number };
  const proxy = await startProxy({ target: { host: "127.0.0.1", port } });
  const peer = new Peer(proxy.port);
  peer.socket.write("ONE\n");
  await expect.poll(() => proxy.requests(), POLL).toBe(1);
  await proxy.faults.begin("reply-lost");
  peer.socket.write("TWO\n");
  await expect.poll(() => proxy.faults.met(), POLL).toBe(1);
  proxy.faults.end();
  await peer.ends("ECONNRESET");
  expect(peer.text).toBe("+ONE\n");
});

test.for([
  ["failing", "-BUSY\n"],
  ["denied", "-DENIED\n"],
  ["quota", "-FULL\n"],
] as const)(
  "%s: the client is told so in the service's words, and the service hears nothing",
  async ([fault, words]) => {
    const proxy = await startProxy();
    const peer = await loggedIn(proxy);
    await proxy.faults.begin(fault);
    peer.socket.write("PUT a 61\nPING\nGET a\n");
    await peer.sees("*PONG\n");
    expect(peer.text.replace("*PONG\n", "")).toBe(words.repeat(2));
    expect(proxied.service.lines).toEqual(["PING"]);
    proxy.faults.end();
    peer.socket.write("HAS a\n");
    await peer.sees("+0\n");
  },
);

test("a refusal waits for the replies of the requests before it", async () => {
  let answer = (_text: string): void => undefined;
  const slow = createServer((socket) => {
    answer = (text) => socket.write(text);
  });
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  proxied.stops.push(() => slow.close());
  const { port } = slow.address() as { port: number };
  const proxy = await startProxy({ target: { host: "127.0.0.1", port } });
  const peer = new Peer(proxy.port);
  peer.socket.write("ONE\n");
  await expect.poll(() => proxy.requests(), POLL).toBe(1);
  await proxy.faults.begin("denied");
  peer.socket.write("TWO\n");
  await expect.poll(() => proxy.faults.met(), POLL).toBe(1);
  // A ping that was answered shows that a refusal would have come by now.
  answer("PONG\n");
  await peer.sees("PONG\n");
  expect(peer.text).toBe("PONG\n");
  answer("+ONE\n");
  await peer.sees("-DENIED\n");
  expect(peer.text).toBe("PONG\n+ONE\n-DENIED\n");
});

test("what the author calls a part of a request shares its fate, and without lengths all that follows is one", async () => {
  const isRequest: TcpFaultProxyOptions["isRequest"] = (bytes) => {
    const text = new TextDecoder().decode(bytes);
    if (text.startsWith("MORE")) return "part";
    return /^(PUT|GET|HAS)/.test(text);
  };
  const whole = await startProxy({ isRequest });
  const peer = await loggedIn(whole);
  await whole.faults.begin("denied");
  peer.socket.write("PUT a 61\nMORE of it\nPING\n");
  await peer.sees("*PONG\n");
  expect(proxied.service.lines).toEqual(["PING"]);

  const { messageLength: _none, changeContent: _neither, ...bare } = lineProtocol;
  const raw = await startTcpFaultProxy({
    ...bare,
    target: { host: "127.0.0.1", port: proxied.service.port },
  });
  proxied.stops.push(raw.stop);
  const other = await loggedIn(raw);
  await raw.faults.begin("denied");
  other.socket.write("PUT a 61");
  await other.sees("-DENIED\n");
  other.socket.write("6161\n");
  await new Promise((resolve) => setTimeout(resolve, 20));
  raw.faults.end();
  other.socket.write("HAS a\n");
  await other.sees("+0\n");
  expect(proxied.service.lines).toEqual(["PING", "HAS a"]);
});

test("silent: the request is carried out, and nothing comes before the end of the fault; then all of it, late", async () => {
  const proxy = await startProxy();
  const [peer, other] = [await loggedIn(proxy), await loggedIn(proxy)];
  await proxy.faults.begin("silent");
  peer.socket.write("PUT a 61\nPING\n");
  await expect.poll(() => proxied.service.contents.get("a"), POLL).toBe("61");
  other.socket.write("PING\n");
  await other.sees("*PONG\n");
  await loggedIn(proxy);
  expect([peer.text, peer.ended, proxy.faults.met()]).toEqual(["", undefined, 1]);
  proxy.faults.end();
  await peer.sees("+OK\n*PONG\n");
});

test("dripping: the reply comes byte by byte, without its last one, and the rest at the end of the fault", async () => {
  const proxy = await startProxy();
  proxied.service.contents.set("a", "616263");
  const peer = await loggedIn(proxy);
  const pieces: string[] = [];
  peer.socket.on("data", (piece) => pieces.push(String(piece)));
  await proxy.faults.begin("dripping");
  peer.socket.write("GET a\n");
  await peer.sees("=616263");
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 4));
  expect(peer.text).toBe("=616263");
  expect(pieces.length).toBeGreaterThan(1);
  proxy.faults.end();
  await peer.sees("=616263\n");
  peer.socket.write("HAS a\n");
  await peer.sees("+1\n");
});

test("dripping: with dripEnds the reply ends, late", async () => {
  const proxy = await startProxy({ dripEnds: true });
  const peer = await loggedIn(proxy);
  await proxy.faults.begin("dripping");
  peer.socket.write("PUT a 61\n");
  await peer.sees("+OK\n");
  expect(proxy.faults.met()).toBe(1);
});

test.for([
  ["corrupt", Buffer.from("abbd")],
  ["truncated", Buffer.from("ab")],
  ["extended", Buffer.concat([Buffer.from("abcd"), Buffer.alloc(1000, ".")])],
] as const)(
  "%s: the reply has another content, and looks whole; a reply without one is as it was",
  async ([fault, changed]) => {
    const proxy = await startProxy();
    proxied.service.contents.set("a", Buffer.from("abcd").toString("hex"));
    const peer = await loggedIn(proxy);
    await proxy.faults.begin(fault);
    peer.socket.write("HAS a\nGET a\nGET none\n");
    await peer.sees("-NONE\n");
    expect(peer.text).toBe(`+1\n=${changed.toString("hex")}\n-NONE\n`);
  },
);

test("cut: half of the reply comes, and then the end of the connection", async () => {
  const proxy = await startProxy();
  proxied.service.contents.set("a", "61626364");
  const peer = await loggedIn(proxy);
  await proxy.faults.begin("cut");
  peer.socket.write("GET a\n");
  await peer.ends("end");
  expect(peer.text).toBe("=6162");
});

test("lag: the reply comes, late", async () => {
  const proxy = await startProxy({ lagMs: 100 });
  const peer = await loggedIn(proxy);
  await proxy.faults.begin("lag");
  const before = performance.now();
  peer.socket.write("HAS a\n");
  await peer.sees("+0\n");
  expect(performance.now() - before).toBeGreaterThan(90);
});

test("a service that is gone is a reset connection", async () => {
  const proxy = await startProxy();
  const peer = await loggedIn(proxy);
  await proxied.service.stop();
  await expect.poll(() => peer.ended, POLL).toBeDefined();
  await new Peer(proxy.port).ends("ECONNRESET");
});

test("stop ends silent and dripping connections, and so does the signal", async () => {
  const controller = new AbortController();
  for (const [proxy, stop] of [
    [await startProxy(), async (one: TcpFaultProxy) => Promise.all([one.stop(), one.stop()])],
    [await startProxy({ signal: controller.signal }), async () => controller.abort()],
  ] as const) {
    const peers = [await loggedIn(proxy), await loggedIn(proxy)];
    await proxy.faults.begin("silent");
    peers[0]!.socket.write("HAS a\n");
    await expect.poll(() => proxy.requests(), POLL).toBe(1);
    await proxy.faults.begin("dripping");
    peers[1]!.socket.write("HAS a\n");
    await peers[1]!.sees("+0");
    await stop(proxy);
    for (const { socket } of peers)
      await expect.poll(() => socket.readableEnded || socket.destroyed, POLL).toBe(true);
    await new Peer(proxy.port).ends("ECONNREFUSED");
  }
});
