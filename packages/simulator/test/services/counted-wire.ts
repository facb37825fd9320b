// Counts what goes to a service and comes from it: requests, and all bytes of HTTP with their headers.

import { connect, createServer, type Server, type Socket } from "node:net";

/** What went through. */
export interface Counted {
  requests: number;
  bytes: number;
}

/** A place that passes everything on to a service, and counts it. */
export class CountedWire {
  readonly counted: Counted = { requests: 0, bytes: 0 };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: URL) {
    this.#server = createServer((client) => {
      const service = connect(Number(target.port), target.hostname);
      for (const [from, to] of [
        [client, service],
        [service, client],
      ] as const) {
        this.#sockets.add(from);
        from.on("data", (bytes: Buffer) => {
          this.counted.bytes += bytes.length;
          if (from === client)
            this.counted.requests +=
              bytes.toString("latin1").match(/^[A-Z]+ \/\S* HTTP\/1\.1\r$/gm)?.length ?? 0;
          to.write(bytes);
        });
        from.on("error", () => to.destroy());
        from.on("close", () => to.destroy());
      }
    });
  }

  static async to(url: string): Promise<{ readonly wire: CountedWire; readonly url: string }> {
    const target = new URL(url);
    const wire = new CountedWire(target);
    await new Promise<void>((resolve) => wire.#server.listen(0, "127.0.0.1", resolve));
    const address = wire.#server.address();
    if (address === null || typeof address === "string") throw new Error("There is no port.");
    return { wire, url: `http://127.0.0.1:${address.port}` };
  }

  /** What a piece of work costs, on average. */
  async costOf(times: number, work: (i: number) => Promise<unknown>): Promise<Counted> {
    const before = { ...this.counted };
    for (let i = 0; i < times; i++) await work(i);
    return {
      requests: (this.counted.requests - before.requests) / times,
      bytes: (this.counted.bytes - before.bytes) / times,
    };
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
