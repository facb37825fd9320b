// A small real service over TCP. It greets with "*HELLO", wants "AUTH token" first, and then answers a line with a line:
//   PING                     → *PONG
//   PUT key hex              → +OK
//   GET key                  → =hex, or -NONE
//   HAS key, DEL key         → +1 or +0
//   SET name revision hex    → +revision, or -CONFLICT; the revision is "-" for a name that is to be absent
//   RESOLVE name             → =revision hex, or -NONE
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A running service. */
export interface LineService {
  readonly port: number;
  /** Every line that came, without its end, after the login. */
  readonly lines: readonly string[];
  readonly contents: Map<string, string>;
  stop(): Promise<void>;
}

/** Starts a service on a free port. */
export async function startLineService(token: string): Promise<LineService> {
  const contents = new Map<string, string>();
  const names = new Map<string, { revision: string; hex: string }>();
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  let revisions = 0;

  function answer(line: string): string {
    const [command, key = "", ...rest] = line.split(" ");
    lines.push(line);
    if (command === "PING") return "*PONG";
    if (command === "PUT") {
      contents.set(key, rest[0] ?? "");
      return "+OK";
    }
    if (command === "GET") return contents.has(key) ? `=${contents.get(key)}` : "-NONE";
    if (command === "HAS") return contents.has(key) ? "+1" : "+0";
    if (command === "DEL") return contents.delete(key) ? "+1" : "+0";
    const held = names.get(key);
    if (command === "RESOLVE") return held === undefined ? "-NONE" : `=${held.revision} ${held.hex}`;
    if (command !== "SET") return "-UNKNOWN";
    const [expected, hex = ""] = rest;
    if ((held?.revision ?? "-") !== expected) return "-CONFLICT";
    const revision = String(++revisions);
    names.set(key, { revision, hex });
    return `+${revision}`;
  }

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    socket.setEncoding("latin1").write("*HELLO\n");
    let text = "";
    let known = false;
    socket.on("data", (piece: string) => {
      text += piece;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        if (known) socket.write(`${answer(line)}\n`);
        else {
          known = line === `AUTH ${token}`;
          socket.write(known ? "*OK\n" : "-DENIED\n");
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    lines,
    contents,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
