// Answers of a hostile server, written on the wire byte by byte: what no HTTP server would send.

import type { Socket } from "node:net";

/** What a hostile server sees of a request. */
export interface HostileRequest {
  readonly method: string;
  /** The path below the name of the answer, with the query: `/bucket/key?x-id=GetObject`. */
  readonly path: string;
  /** Where the answer is found again: `/403-endless`. */
  readonly base: string;
}

/** Writes an answer on a connection. It may never end: it stops when the connection closes. */
export type Act = (socket: Socket, request: HostileRequest) => void | Promise<void>;

/** Between two pieces of an answer that drips, in milliseconds. */
const DRIP_MILLISECONDS = 20;

const FILL = Buffer.alloc(64 * 1024, "x");

/** The first lines of an answer, up to the empty one. */
export function head(status: number, headers: Readonly<Record<string, string | number>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join("")}\r\n`;
}

/** A chunk of a chunked body. */
export function chunk(bytes: Uint8Array | string): Buffer {
  const data = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from("\r\n")]);
}

/** Writes the same piece for ever, as fast as the client reads; pieces may come from a function. */
export async function flood(socket: Socket, piece: Uint8Array | (() => Uint8Array) = FILL): Promise<void> {
  while (!socket.destroyed) {
    if (!socket.write(typeof piece === "function" ? piece() : piece)) await drained(socket);
  }
}

/** Writes a piece every 20 milliseconds, for ever. */
export function drip(socket: Socket, piece: Uint8Array | string = "x"): void {
  const timer = setInterval(() => socket.write(piece), DRIP_MILLISECONDS);
  socket.on("close", () => clearInterval(timer));
}

/** A chunked body that never ends. */
export const CHUNK: Buffer = chunk(FILL);

/** Many chunks of one byte each. */
export const BYTE_CHUNKS: Buffer = Buffer.from("1\r\nx\r\n".repeat(8 * 1024));

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      socket.off("drain", end).off("close", end);
      resolve();
    };
    socket.on("drain", end).on("close", end);
  });
}
