import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { OwnS3Options, S3Server } from "@remote-log/servers";
import { createBucket, type OwnS3, startOwnS3 } from "@remote-log/servers";
import { atEnd } from "@remote-log/test-kit/vitest";
import { quickRetries } from "./quick-retries.ts";

/** The bucket that every test uses; tests are kept apart by prefixes. */
export const BUCKET = "tests";

let made = 0;

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
  atEnd(() => client.destroy());
  return { client, requests: () => requests };
}

/** A prefix that no other test uses. */
export function newPrefix(): string {
  made++;
  return `test-${made}-${crypto.randomUUID()}`;
}
