import { S3Client } from "@aws-sdk/client-s3";
import type { ConformanceFixture, FaultControl, Opened, OpenOptions } from "@remote-log/conformance";
import { type FaultProxy, type FaultReply, startFaultProxy } from "@remote-log/conformance/fault-proxy";
import { probeS3, s3Names, s3Storage } from "@remote-log/s3";
import * as light from "@remote-log/s3/light";
import type { S3Server } from "@remote-log/servers";
import { quickRetries } from "./quick-retries.ts";

/** Where the suite is to run. */
export interface S3FixtureOptions {
  /** The server, or what stands before it. */
  readonly server: Pick<S3Server, "name" | "version" | "endpoint" | "region" | "credentials">;
  /** A bucket that is there. A namespace is a prefix in it. */
  readonly bucket: string;
  /** Which client sends the requests. Default: the SDK's. */
  readonly client?: "sdk" | "light";
}

/** A remote as the suite takes it, whose requests are sent by the light client. */
function lightRemote({ server, bucket }: S3FixtureOptions) {
  const { region, credentials } = server;
  let probing: ReturnType<typeof light.probeS3> | undefined;
  return async (namespace: string, proxy: Pick<FaultProxy, "url" | "faults">): Promise<Opened> => {
    let requests = 0;
    const client = new light.LightS3Client({
      // Signed for the proxy, which passes the host on as it was.
      endpoint: proxy.url,
      region,
      credentials: async () => credentials,
      fetch: (url, init) => {
        requests++;
        return fetch(url, init);
      },
    });
    const place = { client, bucket, prefix: namespace };
    probing ??= light.probeS3(place);
    const { compareAndSet } = await probing;
    return {
      storage: light.s3Storage({ ...place, largestContent: LARGEST_CONTENT }),
      names: light.s3Names({ ...place, compareAndSet }),
      requests: () => requests,
      faults: proxy.faults,
      secrets: [credentials.secretAccessKey],
    };
  };
}

/** Small enough for the suite to try the limit itself. */
const LARGEST_CONTENT = 16 * 1024 * 1024;

/**
 * The adapter as the suite takes it, with a proxy beside the server that makes it fail. What the service enforces is
 * found out by the probe, once, and declared.
 */
export function s3Fixture(options: S3FixtureOptions): ConformanceFixture {
  const { server, bucket } = options;
  const { endpoint, region, credentials } = server;
  const byLight = options.client === "light" ? lightRemote(options) : undefined;
  const endsOf = new WeakMap<AbortSignal, (() => void)[]>();
  let probing: ReturnType<typeof probeS3> | undefined;

  async function open({ namespace, signal }: OpenOptions): Promise<Opened> {
    if (byLight !== undefined)
      return byLight(namespace, await startFaultProxy({ target: endpoint, replies, signal }));
    const proxy = await startFaultProxy({ target: endpoint, replies });
    const client = new S3Client({
      endpoint,
      region,
      credentials,
      forcePathStyle: true,
      retryStrategy: quickRetries(3),
    });
    // One listener for all instances of a case, which may be many.
    const ends = endsOf.get(signal) ?? [];
    if (ends.length === 0) {
      endsOf.set(signal, ends);
      const end = (): void => {
        for (const one of ends) one();
      };
      signal.addEventListener("abort", end, { once: true });
    }
    ends.push(
      () => client.destroy(),
      () => void proxy.stop(),
    );
    const detour = new URL(proxy.url);
    let detoured = false;
    let requests = 0;
    client.middlewareStack.add(
      (next) => (args) => {
        requests++;
        // Signed for the server; the proxy passes the host on as it was.
        const there = { hostname: detour.hostname, port: Number(detour.port) };
        if (detoured) Object.assign(args.request as object, there);
        return next(args);
      },
      { step: "finalizeRequest", priority: "low", name: "countRequests" },
    );
    const faults: FaultControl = {
      ...proxy.faults,
      // For good: what a fault leaves of a connection to the proxy must not do harm later.
      begin(fault) {
        detoured = true;
        return proxy.faults.begin(fault);
      },
    };
    const place = { client, bucket, prefix: namespace };
    probing ??= probeS3(place);
    const { compareAndSet } = await probing;
    return {
      storage: s3Storage({ ...place, largestContent: LARGEST_CONTENT }),
      names: s3Names({ ...place, compareAndSet }),
      requests: () => requests,
      faults,
      secrets: [credentials.secretAccessKey],
    };
  }

  return {
    name: "s3",
    service:
      server.name === "own" ? "an S3 server of our own, in process" : `${server.name} ${server.version}`,
    // A busy machine must not skip what is skipped on slow services: a thousand contents, one by one.
    limits: { timeoutMs: 180_000, settleMs: 60_000 },
    known: [
      {
        id: "NS-UPDATE-12",
        reason:
          "An ETag is made from the content: equal bytes have equal revisions. An update replaces exactly the bytes that it " +
          "expects, and a random mark tells a write from others of the same bytes.",
      },
    ],
    create: open,
    reopen: open,
  };
}

/** How services say in the protocol what is wrong with them. */
const replies = {
  failing: refusal(503, "SlowDown"),
  denied: refusal(403, "AccessDenied"),
  quota: refusal(507, "XMinioStorageFull"),
};

function refusal(status: number, code: string): FaultReply {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>No.</Message></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body };
}
