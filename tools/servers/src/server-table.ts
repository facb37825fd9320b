// The servers that `pnpm servers` knows.

import { type ProgramName, prepareServer, programs, serverAvailability } from "./availability.ts";
import { startBeeForPerson } from "./bee/for-person.ts";
import { startKuboForPerson } from "./kubo/for-person.ts";
import { startMinio } from "./minio.ts";
import type { OwnS3Options } from "./s3/options.ts";
import { startOwnS3 } from "./s3/server.ts";
import { createBucket } from "./s3-request.ts";
import type { S3Server } from "./s3-server.ts";
import type { StartedServer } from "./started-server.ts";
import { startVersitygw } from "./versitygw.ts";

/** A server that a person can start from the command line. */
export interface ListedServer {
  readonly name: string;
  /** What it is, in a few words. */
  readonly about: string;
  /** How it stands with it on this machine, in a few words. */
  state(): Promise<string>;
  /** Builds what is missing; absent if nothing is ever built. */
  prepare?(signal: AbortSignal): Promise<void>;
  /** Whether it can be a network of several nodes; absent if it is always one server. */
  readonly network?: true;
  /** Whether a person may say where it listens, where it keeps what is stored, and which pages may use it. */
  readonly own?: true;
  /**
   * @param nodes - how many; 1 if it can't be a network
   * @param options - of our own server
   */
  start(signal: AbortSignal, nodes: number, options: OwnS3Options): Promise<StartedServer>;
}

/** All servers, by what a person calls them. */
export const serverTable: readonly ListedServer[] = [
  {
    name: "s3",
    about: "our own S3 server, in memory, or with --data in a folder",
    own: true,
    state: async () => "always here",
    start: async (signal, _, options) => {
      const started = await startedS3(await startOwnS3(options), signal);
      return { ...started, ...(options.data !== undefined && { kept: options.data }) };
    },
  },
  {
    ...builtServer("minio", "MinIO: S3 with atomic conditional writes"),
    start: async (signal) => startedS3(await startMinio({ signal }), signal),
  },
  {
    ...builtServer("versitygw", "versitygw: S3 over a folder; its conditional writes can race"),
    start: async (signal) => startedS3(await startVersitygw({ signal }), signal),
  },
  {
    ...builtServer("kubo", "Kubo: an IPFS node, or with --nodes a network of them"),
    network: true,
    start: startKuboForPerson,
  },
  {
    ...builtServer(
      "bee",
      "Bee: the API of a Swarm node, or with --nodes of several, over a network in memory",
    ),
    network: true,
    start: startBeeForPerson,
  },
];

const BUCKET = "remote-log";

function builtServer(
  name: ProgramName,
  about: string,
): Required<Pick<ListedServer, "name" | "about" | "state" | "prepare">> {
  return {
    name,
    about,
    async state() {
      const found = await serverAvailability(name);
      if (!found.available) return `not here: ${found.reason}`;
      if (found.from === "build") return `to be built first, which takes ${programs[name].takes}`;
      return found.path;
    },
    async prepare(signal) {
      await prepareServer(name, { signal });
    },
  };
}

async function startedS3(server: S3Server, signal: AbortSignal): Promise<StartedServer> {
  const { name, version, endpoint, region, credentials } = server;
  try {
    await createBucket(server, BUCKET, signal);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const query = new URLSearchParams({ region, endpoint });
  return {
    lines: [
      `# ${name} ${version} with a bucket ${BUCKET}`,
      `export AWS_ENDPOINT_URL=${endpoint}`,
      `export AWS_REGION=${region}`,
      `export AWS_ACCESS_KEY_ID=${credentials.accessKeyId}`,
      `export AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}`,
      `# rlog init --remote 's3://${BUCKET}/my-log?${query}'`,
    ],
    stop: () => server.stop(),
  };
}
