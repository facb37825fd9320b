import { connect, type Socket } from "node:net";
import { expect } from "vitest";

/** How long a test waits for what has to come: for hangs alone. */
export const POLL = { timeout: 200_000 };

/** Every connection that was opened, to be ended by {@link endPeers}. */
const open = new Set<Socket>();

/** Ends every connection. */
export function endPeers(): void {
  for (const socket of open) socket.destroy();
  open.clear();
}

/** A connection, with all that came on it, and how it ended. */
export class Peer {
  text = "";
  ended: string | undefined;
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true }).setEncoding("latin1");
    this.socket.on("data", (piece) => {
      this.text += piece;
    });
    this.socket.on("end", () => {
      this.ended ??= "end";
    });
    this.socket.on("error", (error: NodeJS.ErrnoException) => {
      this.ended ??= error.code;
    });
    open.add(this.socket);
  }

  async sees(text: string): Promise<void> {
    await expect.poll(() => this.text, POLL).toContain(text);
  }

  async ends(how: string): Promise<void> {
    await expect.poll(() => this.ended, POLL).toBe(how);
  }
}

/** A connection that is logged in. */
export async function loggedIn(proxy: { port: number }): Promise<Peer> {
  const peer = new Peer(proxy.port);
  await peer.sees("*HELLO\n");
  peer.socket.write("AUTH token\n");
  await peer.sees("*OK\n");
  peer.text = "";
  return peer;
}
