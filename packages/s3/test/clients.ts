import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { OwnS3Options, S3Server } from "@remote-log/servers";
import { createBucket, type OwnS3, startOwnS3 } from "@remote-log/servers";
import { afterAll } from "vitest";

/** The bucket that every test uses; tests are kept apart by prefixes. */
export const BUCKET = "tests";

const ends: (() => unknown)[] = [];
let made = 0;

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

/** Has something ended after the tests of the file. */
export function atEnd(end: () => unknown): void {
  ends.push(end);
}

/** Our own server with the bucket in it, stopped after the tests of the file. */
export async function ownServer(options: OwnS3Options = {}): Promise<OwnS3> {
  const server = await startOwnS3({ buckets: [BUCKET], ...options });
  atEnd(() => server.stop());
  return server;
}

/** A server of another make with the bucket in it, stopped after the tests of the file. */
export async function withBucket(starting: Promise<S3Server>): Promise<S3Server> {
  const server = await starting;
  atEnd(() => server.stop());
  await createBucket(server, BUCKET);
  return server;
}

/** A client as an application makes it, and how many requests it has sent, those that it sent again included. */
export interface CountingClient {
  readonly client: S3Client;
  readonly requests: () => number;
}

/** A client for a server. It is closed after the tests of the file. */
export function clientFor(
  server: Pick<S3Server, "endpoint" | "region" | "credentials">,
  settings: S3ClientConfig = {},
): CountingClient {
  const { endpoint, region, credentials } = server;
  const client = new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    // No waiting between two tries of the SDK: the tests make many requests fail.
    retryStrategy: quickRetries(settings.maxAttempts === undefined ? 3 : Number(settings.maxAttempts)),
    ...settings,
  });
  let requests = 0;
  client.middlewareStack.add(
    (next) => (args) => {
      requests++;
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "countRequests" },
  );
  ends.push(() => client.destroy());
  return { client, requests: () => requests };
}

/** A prefix that no other test uses. */
export function newPrefix(): string {
  made++;
  return `test-${made}-${crypto.randomUUID()}`;
}

/** What a promise rejects with; fails where it resolves. */
export async function failure(promise: PromiseLike<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("It should have failed, and it resolved.");
}

/** Text in UTF-8. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

type Retries = Extract<S3ClientConfig["retryStrategy"], { acquireInitialRetryToken: unknown }>;
type RetryToken = Awaited<ReturnType<Retries["acquireInitialRetryToken"]>>;

// The SDK's own rules for what is sent again, without its pauses.
function quickRetries(attempts: number): Retries {
  const token = (count: number): RetryToken => ({
    getRetryCount: () => count,
    getRetryDelay: () => 0,
  });
  return {
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (last: RetryToken, { errorType }: { errorType: string }) => {
      const next = last.getRetryCount() + 1;
      if (next >= attempts || errorType === "CLIENT_ERROR") throw new Error("No further try.");
      return token(next);
    },
    recordSuccess: () => undefined,
  };
}
