import { connect, type Socket } from "node:net";
import { ClosedError, TooLargeError, UnreachableError } from "@remote-log/core";

/** What can be wrong with a client, to see whether the suite notices. */
export interface LineBugs {
  /** Connections go back to the pool after an abort, while their answer is still to come. */
  readonly keepsAborted?: boolean;
  /** Whatever ends without an answer says that there is nothing. */
  readonly lostIsNone?: boolean;
  /** Answers are read to their end, however long they are. */
  readonly collects?: boolean;
}

/** How one request is to be sent. */
export interface Ask {
  readonly operation: string;
  readonly signal?: AbortSignal | undefined;
  /** The longest content of the answer, in bytes. Without it the answer has none. */
  readonly limit?: number;
}

/** A pool of connections to the line service. One request at a time has a connection. */
export class LineClient {
  readonly #port: number;
  readonly #token: string;
  readonly #bugs: LineBugs;
  readonly #idle: Socket[] = [];
  readonly #busy = new Set<AbortController>();
  #closed = false;

  constructor(port: number, token: string, bugs: LineBugs = {}) {
    this.#port = port;
    this.#token = token;
    this.#bugs = bugs;
  }

  /** Sends a line, and gives the one that comes back. */
  async ask(line: string, { operation, signal, limit }: Ask): Promise<string> {
    signal?.throwIfAborted();
    if (this.#closed) throw new ClosedError("The client is closed.", { operation });
    // Its own: close ends what is under way, too.
    const over = new AbortController();
    const onAbort = (): void => over.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    this.#busy.add(over);
    let socket: Socket | undefined;
    try {
      socket = this.#idle.pop() ?? (await this.#connect(over.signal, operation));
      socket.write(`${line}\n`);
      const answer = await readLine(
        socket,
        over.signal,
        this.#bugs.collects === true ? { operation, limit: Number.POSITIVE_INFINITY } : { operation, limit },
      );
      this.#idle.push(socket);
      return answer;
    } catch (error) {
      if (socket !== undefined && over.signal.aborted && this.#bugs.keepsAborted === true)
        this.#idle.push(socket);
      else socket?.destroy();
      signal?.throwIfAborted();
      if (this.#closed) throw new ClosedError("The client was closed.", { operation });
      if (error instanceof TooLargeError) throw error;
      if (this.#bugs.lostIsNone === true) return "-NONE";
      throw new UnreachableError("The service gave no answer.", { operation, cause: error });
    } finally {
      this.#busy.delete(over);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #connect(signal: AbortSignal, operation: string): Promise<Socket> {
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    socket.setEncoding("latin1").on("error", () => undefined);
    socket.on("close", () => {
      const place = this.#idle.indexOf(socket);
      if (place >= 0) this.#idle.splice(place, 1);
    });
    try {
      await readLine(socket, signal, { operation });
      socket.write(`AUTH ${this.#token}\n`);
      await readLine(socket, signal, { operation });
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  /** Ends every connection, and whatever is under way. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#idle.splice(0)) socket.destroy();
    for (const over of this.#busy) over.abort();
  }
}

/** The longest answer that has no content, and the longest sign and revision before one, in characters. */
const LONGEST_TEXT = 1000;

/** Reads one line, and nothing more than a limit allows. */
async function readLine(
  socket: Socket,
  signal: AbortSignal,
  { operation, limit }: { readonly operation: string; readonly limit?: number | undefined },
): Promise<string> {
  let text = "";
  let off = (): void => undefined;
  try {
    return await new Promise((resolve, reject) => {
      const onData = (piece: string): void => {
        const end = piece.indexOf("\n");
        text += end < 0 ? piece : piece.slice(0, end);
        // Two digits a byte, behind a sign and a revision.
        const isContent = limit !== undefined && text.startsWith("=");
        const begin = text.slice(0, LONGEST_TEXT).indexOf(" ") + 1 || 1;
        if (!isContent && text.length > LONGEST_TEXT && limit !== Number.POSITIVE_INFINITY) {
          reject(new Error("The answer is too long."));
        } else if (isContent && text.length - begin > 2 * limit) {
          reject(new TooLargeError("The answer is too long.", { operation, limit }));
        } else if (end >= 0) resolve(text);
      };
      const onClose = (): void => reject(new Error("The connection has ended."));
      const onAbort = (): void => reject(new Error("It was given up."));
      socket.on("data", onData).on("close", onClose);
      signal.addEventListener("abort", onAbort);
      off = () => {
        socket.off("data", onData).off("close", onClose);
        signal.removeEventListener("abort", onAbort);
      };
      if (socket.destroyed) onClose();
      if (signal.aborted) onAbort();
    });
  } finally {
    off();
  }
}
