// Commands to the RPC of a Kubo node (`/api/v0`).

import { ServerError } from "../server-error.ts";

/**
 * Sends one command to the RPC of a Kubo node.
 *
 * @param rpc - `http://127.0.0.1:<port>`
 * @param command - such as `"swarm/peers"`
 * @param query - its arguments and options
 * @returns what it answers, as JSON; `undefined` if it answers nothing
 * @throws ServerError `ERR_SERVER_REQUEST` if the node refuses, or nobody answers
 * @throws the reason of the signal
 */
export async function kuboCommand(
  rpc: string,
  command: string,
  query: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<unknown> {
  const failure = (why: string, cause?: unknown): ServerError =>
    new ServerError("ERR_SERVER_REQUEST", `${rpc} did not do ${command}: ${why}.`, { cause });
  let response: Response;
  let body: string;
  try {
    response = await fetch(`${rpc}/api/v0/${command}?${new URLSearchParams(query)}`, {
      method: "POST",
      signal: signal ?? null,
    });
    body = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    throw failure("it did not answer", error);
  }
  if (!response.ok) throw failure(`${response.status} (${body.trim()})`);
  return body === "" ? undefined : JSON.parse(body);
}
