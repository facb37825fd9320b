import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A site on this machine alone, on a free port. Browsers take 127.0.0.1 for a secure context. */
export interface Site extends AsyncDisposable {
  readonly address: string;
}

/** Serves scripts by their paths, and an empty page that loads `/page.js`. */
export async function serveSite(scripts: ReadonlyMap<string, string>): Promise<Site> {
  const server = createServer(({ url = "/" }, response) => {
    const script = scripts.get(url);
    if (url === "/") {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(
        '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
      );
    } else if (script !== undefined) {
      response.setHeader("content-type", "text/javascript; charset=utf-8");
      response.end(script);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
