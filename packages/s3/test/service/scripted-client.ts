// A client of the SDK whose network is a function: it shows each request as it would be sent, and answers as it is told.

import { Readable } from "node:stream";
import { S3Client } from "@aws-sdk/client-s3";
import type { Call } from "@remote-log/core/adapter";

/** A request, as it would go out. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An answer; a body of text or of bytes comes as a stream, any other body as it is. */
export interface ScriptedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A client, and what it sent. Each answer is the next of the list; the last one stays. */
export function scriptedClient(
  ...answers: (ScriptedAnswer | ((signal: AbortSignal | undefined) => Promise<ScriptedAnswer>))[]
): { readonly client: S3Client; readonly sent: readonly SentRequest[] } {
  const sent: SentRequest[] = [];
  const client = new S3Client({
    endpoint: "http://s3.invalid",
    region: "us-east-1",
    credentials: { accessKeyId: "AKIA", secretAccessKey: "secret" },
    forcePathStyle: true,
    maxAttempts: 1,
    requestHandler: {
      async handle(request: SentRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
        sent.push(request);
        const next = answers[Math.min(sent.length, answers.length) - 1];
        const {
          status,
          headers = {},
          body,
        } = (typeof next === "function" ? await next(abortSignal) : next) as ScriptedAnswer;
        const isPlain = typeof body === "string" || body instanceof Uint8Array;
        const stream = isPlain ? Readable.from([Buffer.from(body)]) : body;
        return { response: { statusCode: status, headers, body: stream } };
      },
    } as never,
  });
  return { client, sent };
}

/** What the service says of something that went wrong. */
export function errorXml(code: string, message = "Something."): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}

/** The call that an operation makes. */
export function callOf(signal: AbortSignal = new AbortController().signal, operation = "storage.put"): Call {
  return { signal, context: { operation, action: "doing something in s3://bucket/x" } };
}
