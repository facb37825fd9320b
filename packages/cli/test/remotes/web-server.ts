import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { onTestFinished } from "vitest";

/** What a server tells of each request. */
export interface Served {
  readonly path: string;
  readonly status: number;
}

const types: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

/**
 * Serves a folder as nginx does by default: tags of the second of the last change and the size, 304 for a tag that is known, a page
 * of its own for what is missing. Ends with the test.
 */
export async function serveFolder(
  folder: string,
): Promise<{ readonly url: string; readonly served: Served[] }> {
  const served: Served[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = join(folder, normalize(decodeURIComponent(pathname)));
    const found = await stat(path).catch(() => undefined);
    const etag = found && `"${Math.floor(found.mtimeMs / 1000).toString(16)}-${found.size.toString(16)}"`;
    const status = !found?.isFile() ? 404 : request.headers["if-none-match"] === etag ? 304 : 200;
    served.push({ path: pathname, status });
    if (status === 404) {
      response.writeHead(404, { "content-type": "text/html" }).end("<html><h1>404 Not Found</h1></html>");
    } else if (status === 304) {
      response.writeHead(304, { etag }).end();
    } else {
      const type = types[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { etag, "content-type": type, "content-length": found!.size });
      createReadStream(path).pipe(response);
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, served };
}

/** Whether Python is here. */
export const hasPython: boolean = (() => {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Serves a folder by `python3 -m http.server`. Ends with the test. */
export async function serveByPython(folder: string): Promise<{ readonly url: string }> {
  // Port 0 is any that is free, and it says which.
  const words = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder];
  const child: ChildProcess = spawn("python3", words, { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let said = "";
  return new Promise((resolve, reject) => {
    child.on("exit", () => reject(new Error(`The server ended: ${said}`)));
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const port = /port (\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve({ url: `http://127.0.0.1:${port}` });
    });
  });
}
