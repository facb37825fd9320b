import { once } from "node:events";
import { request as sendRequest } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type FaultProxy, startFaultProxy } from "@remote-log/conformance/fault-proxy";
import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOf } from "./http-client.ts";

// A server that refuses a PUT as soon as it has the head, and closes. If the body is still on its way then, the
// kernel answers that with a reset: who writes before it reads never sees the refusal.

const FIRST = "half of the body, ";
const REST = "and the other half";
/** How often the event loop may turn until the head, sent without the body, would have come to the server. */
const TURNS = 50;

let server: Server;
let proxy: FaultProxy;
/** Called when the server has a head whose body is not there yet. */
let whenHeadIsAlone: () => void;
const sockets = new Set<Socket>();

beforeEach(async () => {
  // Half-open: the server has said all that it will, and its client may still send.
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined); // "close" follows.
    let text = "";
    socket.on("data", (chunk) => {
      const hadHead = text.includes("\r\n\r\n");
      text += chunk.toString("latin1");
      if (hadHead || !text.includes("\r\n\r\n")) return;
      const whole = text.endsWith(FIRST + REST);
      if (!whole) whenHeadIsAlone();
      socket.write("HTTP/1.1 412 Precondition Failed\r\nContent-Length: 3\r\n\r\nold");
      if (whole) socket.end();
      else socket.resetAndDestroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy = await startFaultProxy({ target: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});

afterEach(async () => {
  await proxy.stop();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test("a refusal that comes before the body was read reaches the client, which sent its body in two pieces", async () => {
  const connected = once(server, "connection");
  const length = String(FIRST.length + REST.length);
  const request = sendRequest(proxy.url, {
    method: "PUT",
    headers: { "Content-Length": length },
    agent: false,
  });
  const status = new Promise<unknown>((resolve) => {
    request.on("response", (reply) => resolve(reply.resume().statusCode));
    request.on("error", (error) => resolve(codeOf(error)));
  });
  let sent = false;
  const sendRest = (): void => {
    if (!sent) request.end(REST);
    sent = true;
  };
  whenHeadIsAlone = sendRest;
  request.write(FIRST);
  await connected;
  for (let turn = 0; turn < TURNS && !sent; turn++) await new Promise((resolve) => setImmediate(resolve));
  sendRest();
  expect(await status).toBe(412);
});
