// The repository of a Kubo node: its keys and its settings.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ServerError } from "../server-error.ts";

const run = promisify(execFile);

/** Settings of a node: a key as `ipfs config` takes it, such as `"API.HTTPHeaders"`, and its value as JSON. */
export type KuboConfig = Readonly<Record<string, unknown>>;

/** Settings of {@link createRepository}. */
export interface RepositoryOptions {
  /** Path of the program. */
  readonly command: string;
  /** All of its environment, with `IPFS_PATH`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: KuboConfig;
  readonly signal: AbortSignal | undefined;
}

/**
 * Creates the folder of a node: with Kubo's own profile for tests, which is 127.0.0.1 on ports that the system
 * chooses, and no bootstrap node, no mDNS, no AutoConf and no delegated router.
 *
 * @throws ServerError `ERR_SERVER_START` if Kubo refuses, as it does for a key that it does not know
 * @throws the reason of the signal
 */
export async function createRepository({ command, env, config, signal }: RepositoryOptions): Promise<void> {
  const ipfs = async (words: readonly string[], value?: string): Promise<void> => {
    const args = value === undefined ? words : [...words, value];
    const running = run(command, args, {
      env,
      timeout: 180_000,
      killSignal: "SIGKILL",
      ...(signal && { signal }),
    });
    try {
      await running;
    } catch (error) {
      const { child } = running;
      // An abort is told before the program is gone, which would write into a folder that is removed meanwhile.
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        await once(child, "exit");
      }
      signal?.throwIfAborted();
      const { message, stderr = "" } = error as Error & { stderr?: string };
      const said = stderr.trim();
      // The error and its message repeat the value, which may hold a token.
      throw new ServerError(
        "ERR_SERVER_START",
        `kubo refused "ipfs ${words.join(" ")}".`,
        value === undefined ? { output: said === "" ? message : said, cause: error } : { output: said },
      );
    }
  };
  await ipfs(["init", "--profile=test", "--empty-repo", "-a", "ed25519"]);
  for (const [key, value] of Object.entries(config)) {
    await ipfs(["config", "--json", key], JSON.stringify(value));
  }
}

/** What a running node has written into its folder about itself. */
export interface KuboPlace {
  readonly rpc: string;
  readonly gateway: string;
  readonly peerId: string;
}

/** Reads where a node listens, and who it is; rejects as long as it has not written all of that. */
export async function readPlace(folder: string): Promise<KuboPlace> {
  const [api, gateway, config] = await Promise.all(
    ["api", "gateway", "config"].map((name) => readFile(join(folder, name), "utf8")),
  );
  const { Identity } = JSON.parse(config!) as { Identity: { PeerID: string } };
  return { rpc: httpAddress(api!), gateway: httpAddress(gateway!), peerId: Identity.PeerID };
}

/** The address of HTTP for `/ip4/127.0.0.1/tcp/5001` or for the same as an address of HTTP already. */
function httpAddress(text: string): string {
  const multiaddr = /^\/ip4\/([\d.]+)\/tcp\/(\d+)$/.exec(text.trim());
  const { origin } = new URL(multiaddr === null ? text.trim() : `http://${multiaddr[1]}:${multiaddr[2]}`);
  if (!/^http:\/\/127\.0\.0\.1:[1-9]\d*$/.test(origin))
    throw new TypeError(`${text} is no port of 127.0.0.1.`);
  return origin;
}
