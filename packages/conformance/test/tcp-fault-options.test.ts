import { startTcpFaultProxy, type TcpFaultProxyOptions } from "@remote-log/conformance/fault-proxy";
import { expect, test } from "vitest";
import { lineProtocol } from "./tcp/line-proxy.ts";
import { loggedIn } from "./tcp/peer.ts";
import { proxiedService } from "./tcp/proxied-service.ts";

// What the author says of a protocol, and what becomes of it.

const proxied = proxiedService();
const { startProxy } = proxied;

test("what a connection remembers is its own, and lengths, requests and replies are told in order", async () => {
  const seen: string[] = [];
  const proxy = await startProxy({
    isRequest(bytes, { number, state }) {
      state["lines"] = Number(state["lines"] ?? 0) + 1;
      seen.push(`${number}.${state["lines"]} ${new TextDecoder().decode(bytes).trimEnd()}`);
      return lineProtocol.isRequest(bytes, { number, state });
    },
  });
  const [one, other] = [await loggedIn(proxy), await loggedIn(proxy)];
  one.socket.write("HAS a\nHAS b\n");
  await one.sees("+0\n+0\n");
  other.socket.write("HAS c\n");
  await other.sees("+0\n");
  expect(seen).toEqual(["1.1 AUTH token", "2.1 AUTH token", "1.2 HAS a", "1.3 HAS b", "2.2 HAS c"]);
});

test("the kinds are those that can be made with what is given", async () => {
  const { target, isRequest, isReply } = { ...lineProtocol, target: "tcp://127.0.0.1:1" };
  const kindsOf = async (options: Partial<TcpFaultProxyOptions>) => {
    const proxy = await startTcpFaultProxy({ target, isRequest, isReply, ...options });
    proxied.stops.push(proxy.stop);
    return proxy.faults.kinds;
  };
  const always = ["unreachable", "reply-lost", "silent", "dripping"];
  expect(await kindsOf({})).toEqual(always);
  expect([...(await kindsOf({ replies: { quota: "-FULL\n" } }))].sort()).toEqual([...always, "quota"].sort());
  expect(await kindsOf(lineProtocol)).toHaveLength(13);
  expect(await kindsOf({ ...lineProtocol, kinds: ["silent"] })).toEqual(["silent"]);
  await expect(kindsOf({ kinds: ["denied"] })).rejects.toThrow(
    'can\'t bring about "denied": give it replies.denied.',
  );
  await expect(kindsOf({ kinds: ["corrupt"] })).rejects.toThrow("give it changeContent and messageLength");
  await expect(kindsOf({ kinds: ["endless"] })).rejects.toThrow("give it withoutEnd and messageLength");
  const { messageLength, withoutEnd } = lineProtocol;
  expect(await kindsOf({ messageLength: messageLength!, withoutEnd: withoutEnd! })).toEqual([
    ...always,
    "endless",
  ]);
  await expect(
    kindsOf({ messageLength: messageLength!, withoutEnd: withoutEnd!, kinds: ["endless-denied"] }),
  ).rejects.toThrow("give it withoutEnd, messageLength and replies.denied");
  const proxy = await startTcpFaultProxy({ target, isRequest, isReply });
  proxied.stops.push(proxy.stop);
  await expect(proxy.faults.begin("failing")).rejects.toThrow("replies.failing");
});

test.for(["tcp://127.0.0.1", "http://127.0.0.1", { host: "", port: 1 }, { host: "::1", port: 0 }] as const)(
  "the target %j is refused",
  async (target) => {
    await expect(startTcpFaultProxy({ ...lineProtocol, target })).rejects.toThrow(
      "The target has no host or no port",
    );
  },
);
