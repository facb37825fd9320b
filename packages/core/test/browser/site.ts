import { answer, startScriptedServer } from "@remote-log/test-kit";

/** A site on this machine alone, on a free port. Browsers take 127.0.0.1 for a secure context. */
export interface Site extends AsyncDisposable {
  readonly address: string;
}

const PAGE = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>';

/** Serves scripts by their paths, and an empty page that loads `/page.js`. */
export async function serveSite(scripts: ReadonlyMap<string, string>): Promise<Site> {
  const server = await startScriptedServer(({ path }) => {
    const script = scripts.get(path);
    if (path === "/") return answer(200, "text/html; charset=utf-8", PAGE);
    return script === undefined ? { status: 404 } : answer(200, "text/javascript; charset=utf-8", script);
  });
  return { address: `${server.url}/`, [Symbol.asyncDispose]: () => server.stop() };
}
