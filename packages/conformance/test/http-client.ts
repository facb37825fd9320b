import { type IncomingMessage, request as sendRequest } from "node:http";

/** An answer, just as it came. */
export interface Answer {
  readonly status: number;
  readonly message: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** Sends a request with Node's own client, which hides less than fetch. */
export async function send(
  url: string,
  {
    method = "GET",
    headers = {},
    body,
    signal,
  }: { method?: string; headers?: Record<string, string>; body?: Uint8Array; signal?: AbortSignal } = {},
): Promise<Answer> {
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = sendRequest(url, { method, headers, agent: false, ...(signal && { signal }) });
    request.on("response", resolve).on("error", reject);
    if (headers["Expect"] === undefined) request.end(body);
    else request.on("continue", () => request.end(body));
  });
  const bytes = Buffer.concat(await reply.toArray());
  return {
    status: reply.statusCode!,
    message: reply.statusMessage!,
    rawHeaders: reply.rawHeaders,
    body: bytes,
  };
}

/** What Node calls the failure of a connection. */
export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
