import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { launch, prepareServer } from "@remote-log/servers";
import { atEnd } from "@remote-log/test-kit/vitest";

const run = promisify(execFile);

/** Somebody whom a node lets in, and the commands that are open to them. */
export interface Guest {
  /** The value of the header `authorization`. */
  readonly authorization: string;
  readonly paths: readonly string[];
}

/**
 * A node of this file's own that asks everybody for authorization (`API.Authorizations`).
 *
 * @returns the URL of its RPC
 */
export async function guardedNode(guests: Readonly<Record<string, Guest>>): Promise<string> {
  const program = await prepareServer("kubo");
  const owner: Guest = { authorization: "Bearer owner", paths: ["/api/v0"] };
  const known = Object.entries({ owner, ...guests }).map(([name, { authorization, paths }]) => {
    return [name, { AuthSecret: authorization.replace("Bearer ", "bearer:"), AllowedPaths: paths }];
  });
  const launched = await launch({
    name: "kubo",
    command: program,
    plan: async ({ folder, port: at }) => {
      const env = { IPFS_PATH: join(folder, "repository"), IPFS_TELEMETRY: "off" };
      const ipfs = (...words: string[]) => run(program, words, { env: { ...env, HOME: folder } });
      await ipfs("init", "--profile=test", "--empty-repo", "-a", "ed25519");
      await ipfs("config", "Addresses.API", `/ip4/127.0.0.1/tcp/${at}`);
      await ipfs("config", "--json", "API.Authorizations", JSON.stringify(Object.fromEntries(known)));
      return { args: ["daemon"], env };
    },
    ready: async ({ port: at }, signal) => {
      const headers = { authorization: owner.authorization };
      const url = `http://127.0.0.1:${at}/api/v0/version`;
      const response = await fetch(url, { method: "POST", headers, signal });
      return (await response.text()).includes("Version");
    },
  });
  atEnd(() => launched.stop());
  return `http://127.0.0.1:${launched.port}`;
}
