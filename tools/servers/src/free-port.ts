// Finds a free TCP port.

import { createServer } from "node:net";

/**
 * Finds a TCP port of 127.0.0.1 that nobody uses at this moment. Another process may take it before it is used:
 * whoever asks must be ready to ask again.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("A socket has no port."));
        else resolve(address.port);
      });
    });
  });
}
