// Passes requests on to the service behind a scripted server: untouched and piece by piece, or whole, for a change.

import { type IncomingMessage, type ServerResponse, request as sendRequest } from "node:http";
import type { ForwardedReply } from "./reply.ts";

/** Headers that belong to one connection, or that the next one computes anew. */
const ofConnection = new Set(["connection", "keep-alive", "host", "content-length", "transfer-encoding"]);

/** Passes a request and its answer on as they come. If either side leaves, the other one is cut off. */
export function relay(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const url = new URL(incoming.url ?? "/", target);
  const headers = { ...incoming.headers, host: url.host };
  const onward = sendRequest(url, { method: incoming.method ?? "GET", headers }, (answered) => {
    outgoing.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.on("error", () => outgoing.destroy());
    answered.pipe(outgoing);
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  incoming.pipe(onward);
}

/** Sends a request with its whole body, and gives the whole answer. Redirects are answers. */
export async function forward(
  target: string,
  incoming: IncomingMessage,
  body: Uint8Array<ArrayBuffer>,
): Promise<ForwardedReply> {
  const passed = Object.entries(incoming.headers).flatMap(([name, value]) =>
    typeof value !== "string" || ofConnection.has(name) ? [] : [[name, value] as [string, string]],
  );
  const answered = await fetch(new URL(incoming.url ?? "/", target), {
    method: incoming.method ?? "GET",
    headers: passed,
    redirect: "manual",
    ...(body.length > 0 && { body }),
  });
  const headers = [...answered.headers].filter(
    ([name]) => !ofConnection.has(name) && name !== "content-encoding",
  );
  return {
    status: answered.status,
    headers: Object.fromEntries(headers),
    body: new Uint8Array(await answered.arrayBuffer()),
  };
}
