// Certificates that can't be trusted, and hosts that have no address: every adapter tells them by the same reasons, in both halves.
// The servers are real, and so are the codes: those of the TLS and of the resolver of this runtime.

import { S3Client } from "@aws-sdk/client-s3";
import { Address, type Remote, type RemoteLogError, rawSha256 } from "@remote-log/core";
import type { Fetch } from "@remote-log/core/adapter";
import { ipfsRemote } from "@remote-log/ipfs";
import { gatewayRemote } from "@remote-log/ipfs/gateway";
import { fetchRequestHandler, s3Remote } from "@remote-log/s3";
import { publicS3Remote } from "@remote-log/s3/public";
import { swarmBmt, swarmRemote } from "@remote-log/swarm";
import { failure, sample, startSecureServer, testAuthority, testCertificates } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import * as undici from "undici";
import { expect, test } from "vitest";

const name = "k51qzi5uqu5dgg67tgrr3kysxpuuerkw9jyw1cdp3vzgaxdrnxjg2nwsu6zqbl";
const feed = `${"8d".repeat(20)}/${"0a".repeat(32)}`;

/** Trusts the authority of tests, and nobody else. */
const agent = new undici.Agent({ connect: { ca: testAuthority } });
atEnd(() => agent.close());
const trusting = ((url: string, init: object) =>
  undici.fetch(url, { ...init, dispatcher: agent })) as unknown as Fetch;

function s3ClientAt(endpoint: string, fetch: Fetch | undefined): S3Client {
  return new S3Client({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "id", secretAccessKey: "key" },
    forcePathStyle: true,
    ...(fetch && { requestHandler: fetchRequestHandler(fetch) }),
  });
}

/** A remote of each adapter at a URL. Without a `fetch`, each has its own way to connect. */
async function remotesAt(url: string, fetch?: Fetch): Promise<Record<string, Remote>> {
  const how = fetch === undefined ? {} : { fetch };
  return {
    s3: s3Remote({ client: s3ClientAt(url, fetch), bucket: "bucket" }),
    "public s3": publicS3Remote({ url, ...how }),
    "ipfs node": await ipfsRemote({ node: url, name, delegated: [url], ...how }),
    "ipfs gateway": gatewayRemote({ urls: [url], name, ...how }),
    swarm: swarmRemote({ bee: url, name: feed, ...how }),
  };
}

/** The errors of both halves of a remote of each adapter. */
async function errorsAt(url: string, fetch?: Fetch): Promise<[string, RemoteLogError][]> {
  const found: [string, RemoteLogError][] = [];
  for (const [label, { storage, names, name: own = "log" }] of Object.entries(await remotesAt(url, fetch))) {
    const type = label === "swarm" ? swarmBmt : rawSha256;
    const address = Address.create(type.codec, type.hash, new Uint8Array(type.digestBytes));
    found.push([`${label}, get`, await failure<RemoteLogError>(storage.get(address))]);
    found.push([`${label}, resolve`, await failure<RemoteLogError>(names.resolve(own))]);
    await storage.close?.();
    await names.close?.();
  }
  return found;
}

const CASES = [
  ["expired", "expired-certificate", trusting],
  ["early", "early-certificate", trusting],
  ["otherHost", "wrong-host-certificate", trusting],
  ["selfSigned", "self-signed-certificate", undefined],
  ["good", "untrusted-certificate", undefined],
] as const;

test.each(sample("certificates", CASES, 2))(
  "a certificate that is %s is told as %s by all",
  async (certificate, reason, fetch) => {
    const server = await startSecureServer(undefined, testCertificates[certificate]);
    atEnd(() => server.stop());
    for (const [what, error] of await errorsAt(server.url, fetch)) {
      expect(error, what).toMatchObject({ code: "ERR_UNREACHABLE", reason, retry: "never" });
      const advice = /untrusted|self/.test(reason)
        ? "NODE_EXTRA_CA_CERTS"
        : /wrong/.test(reason)
          ? "URL"
          : "clock";
      expect(error.message, what).toContain(advice);
      expect(error.message, what).not.toMatch(/\p{Cc}/u);
    }
  },
);

test("a host that has no address is told as such by all", async () => {
  for (const [what, error] of await errorsAt("http://nowhere.invalid")) {
    expect(["unknown-host", "no-name-service"], what).toContain(error.reason);
    expect(error, what).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
    expect(error.message, what).toMatch(/name/);
  }
});
