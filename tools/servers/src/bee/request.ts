// Requests to a Bee node, or to what controls its network.

import { ServerError } from "../server-error.ts";

/** One request to a node, or to what controls its network. */
export interface BeeRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Path and query, such as `/stamps/1000/20`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends one request.
 *
 * @param place - `http://127.0.0.1:<port>`
 * @returns what it answers, as JSON; `undefined` if it answers nothing
 * @throws ServerError `ERR_SERVER_REQUEST` if it refuses, or nobody answers
 * @throws the reason of the signal
 */
export async function beeRequest(place: string, request: BeeRequest): Promise<unknown> {
  const { method, path, headers = {}, body, signal } = request;
  const failure = (why: string, cause?: unknown): ServerError =>
    new ServerError("ERR_SERVER_REQUEST", `${place} did not do ${method} ${path}: ${why}.`, { cause });
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${place}${path}`, {
      method,
      headers,
      body: body ?? null,
      signal: signal ?? null,
    });
    text = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    throw failure("it did not answer", error);
  }
  if (!response.ok) throw failure(`${response.status} (${text.trim()})`);
  return text === "" ? undefined : JSON.parse(text);
}
