// Servers at several addresses of this machine that note what arrives, and stand for places in the world.

import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A server that notes every request. */
export interface Recorder {
  /** `127.0.0.2:40123` */
  readonly host: string;
  readonly port: number;
  /** What arrived since it was last taken. */
  take(): Arrived[];
}

/**
 * Starts a server that has nothing, or that sends everybody elsewhere. It ends after the tests of the file.
 *
 * @param address - where it listens
 * @param leadsTo - the origin to which it redirects
 */
export async function startRecorder(address: string, leadsTo?: string): Promise<Recorder> {
  let arrived: Arrived[] = [];
  const statuses = [301, 302, 307, 308];
  const server = createServer(({ method = "", url = "", headers }, response) => {
    arrived.push({ method, url, headers });
    if (leadsTo === undefined) response.writeHead(404, { "content-type": "application/json" }).end("{}");
    else response.writeHead(statuses[arrived.length % 4]!, { location: `${leadsTo}${url}` }).end();
  });
  server.listen(0, address);
  await once(server, "listening");
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: `${address}:${port}`,
    port,
    take: () => {
      const taken = arrived;
      arrived = [];
      return taken;
    },
  };
}

/** Secrets of the user, as they are in the environment in these tests. */
export const SECRETS = {
  AWS_ACCESS_KEY_ID: "AKIAOFTHEUSER",
  AWS_SECRET_ACCESS_KEY: "secret-of-the-user",
  AWS_SESSION_TOKEN: "session-of-the-user",
} as const;

/** What of a request tells a stranger who the user is, or lets the stranger act as the user. */
export function secretsIn({ url, headers }: Arrived): string[] {
  const names = Object.keys(headers).filter((name) =>
    /^(authorization|proxy-authorization|cookie|x-amz-.*|amz-.*|swarm-.*)$/.test(name),
  );
  const text = `${url} ${JSON.stringify(headers)}`;
  const values = Object.values(SECRETS).filter((secret) => text.includes(secret));
  const signed = /[?&](x-amz-|signature|awsaccesskeyid)/i.test(url) ? ["a signature in the query"] : [];
  return [...names, ...values, ...signed];
}
