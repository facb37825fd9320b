// A server for https: URLs that shows one of the certificates for tests.

import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type TestCertificate, testCertificates } from "./certificates.ts";

/** A server for https: URLs that runs. */
export interface SecureServer {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** Ends it with all connections. */
  stop(): Promise<void>;
}

/**
 * Starts a server for https: URLs on a free port of this machine.
 *
 * @param listener - answers. Default: 404
 * @param certificate - what it shows. Default: one that is right for who trusts `testAuthority`
 */
export async function startSecureServer(
  listener: RequestListener = (_, response) => void response.writeHead(404).end(),
  certificate: TestCertificate = testCertificates.good,
): Promise<SecureServer> {
  const server = createServer(certificate, listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
