// Places for a log on real servers, each with a recording proxy before it: all that the server of a place ever sees of a log.

import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import type { LogKeys, Remote } from "@remote-log/core";
import { fsRemoteFromUri } from "@remote-log/fs";
import { ipfsRemoteFromUri } from "@remote-log/ipfs";
import { openS3Remote } from "@remote-log/s3";
import {
  createBucket,
  type S3ProgramServer,
  startBee,
  startKubo,
  startMinio,
  startVersitygw,
} from "@remote-log/servers";
import { swarmRemoteFromUri } from "@remote-log/swarm";
import { atEnd, temporaryFolder } from "@remote-log/test-kit/vitest";
import type { Secret, Trace } from "../../src/leaks/index.ts";
import { behindProxy, filesIn } from "./seen-by-server.ts";

/** Where one log is kept on one backend. Nothing else is there. */
export interface Place {
  /** Which backend it is on. */
  readonly backend: string;
  /** What a link names it by. */
  readonly uri: string;
  /** What a URI of it holds that nobody can guess, and what else belongs to it alone. No other place may see it. */
  readonly own: readonly Secret[];
  /** Secret keys that belong to the server: they are never sent, and no other backend may see them. */
  readonly credentials?: readonly Secret[];
  /** Opens it for writing. */
  open(): Promise<Remote>;
  /** Opens it for reading, from its URI. */
  openToRead(): Promise<Remote>;
  /** What the backend was sent so far: URLs, headers and bodies, and what it answered. */
  sent(): readonly Trace[];
  /** What the backend has on its disk now, and what it has logged. */
  kept(): Promise<readonly Trace[]>;
  /**
   * The lengths of what was sent in each request that is to change something, sorted, because many are sent at once. Requests that
   * read are left out: a writer reads a sample back, drawn by chance. So are answers, in which servers number things by chance.
   */
  lengths(): Promise<readonly string[]>;
}

/** A backend that runs. */
export interface Backend {
  readonly name: string;
  /** Makes a new place on it, for a log with these keys. */
  place(keys: LogKeys): Promise<Place>;
}

/** Starts all backends, on real servers. They end after the tests of the file. */
export async function startBackends(): Promise<readonly Backend[]> {
  const [minio, versitygw, kubo, bee] = await Promise.all([
    startMinio(),
    startVersitygw(),
    startKubo(),
    startBee(),
  ]);
  for (const server of [minio, versitygw, kubo, bee]) atEnd(() => server.stop());
  return [
    folderBackend(await temporaryFolder()),
    s3Backend(minio),
    s3Backend(versitygw),
    {
      name: "kubo",
      async place({ ipns: nameKey }) {
        const path = `/${unguessable()}`;
        const behind = await behindProxy(kubo, kubo.rpc, path);
        const node = `ipfs+${behind.url}`;
        const { name } = await ipfsRemoteFromUri(node, { nameKey });
        const uri = `${node}?name=${name}`;
        return {
          backend: "kubo",
          uri,
          // The name is a CID in base36 that ends in a public key. Its beginning is that of every name.
          own: [secret("kubo: the path of the node", path), secret("kubo: the IPNS name", name.slice(20))],
          open: () => ipfsRemoteFromUri(node, { nameKey, label: uri }),
          openToRead: () => ipfsRemoteFromUri(uri),
          ...behind,
        };
      },
    },
    {
      name: "bee",
      async place({ swarm: nameKey }) {
        const path = `/${unguessable()}`;
        const behind = await behindProxy(bee, bee.url, path);
        const stamp = await bee.buyBatch();
        const node = `bee+${behind.url}`;
        const open = async () => swarmRemoteFromUri(`${node}?stamp=${stamp}`, { nameKey });
        const { owner } = await open();
        const uri = `${node}?owner=${owner}`;
        return {
          backend: "bee",
          uri,
          own: [
            secret("bee: the path of the node", path),
            { name: "bee: the batch", bytes: Buffer.from(stamp, "hex") },
            { name: "bee: the owner", bytes: Buffer.from(owner, "hex") },
          ],
          open,
          openToRead: async () => swarmRemoteFromUri(uri),
          ...behind,
        };
      },
    },
  ];
}

function folderBackend(parent: string): Backend {
  return {
    name: "fs",
    async place() {
      const folder = unguessable();
      const root = join(parent, folder);
      const uri = `file://${root}`;
      const versions = new Map<string, Trace>();
      const kept = async (): Promise<readonly Trace[]> => {
        for (const file of await filesIn(root)) {
          versions.set(`${file.name} ${createHash("sha256").update(file.bytes).digest("hex")}`, file);
        }
        return [...versions.values()];
      };
      return {
        backend: "fs",
        uri,
        own: [secret("fs: the folder", folder)],
        open: async () => keepingVersions(fsRemoteFromUri(uri), kept),
        openToRead: async () => fsRemoteFromUri(uri, { create: false }),
        sent: () => [],
        kept,
        // A path has its length, too: the names of files are made of addresses and of names.
        lengths: async () =>
          (await filesIn(root)).map(({ name, bytes }) => `${name.length} ${bytes.length}`).sort(),
      };
    },
  };
}

/** Looks at what a folder has before and after each update of a name: the one thing that is written over there. */
function keepingVersions(remote: Remote, look: () => Promise<unknown>): Remote {
  const { names } = remote;
  return {
    ...remote,
    names: {
      ...names,
      async update(name, content, options) {
        await look();
        const updated = await names.update(name, content, options);
        await look();
        return updated;
      },
    },
  };
}

function s3Backend(server: S3ProgramServer): Backend {
  return {
    name: server.name,
    async place() {
      const bucket = unguessable();
      await createBucket(server, bucket);
      const behind = await behindProxy(server, server.endpoint, "");
      const { region, credentials } = server;
      const uri = `s3://${bucket}/log?region=${region}&endpoint=${encodeURIComponent(behind.url)}`;
      const open = async (): Promise<Remote> => {
        const client = new S3Client({ endpoint: behind.url, region, credentials, forcePathStyle: true });
        atEnd(() => client.destroy());
        return openS3Remote({ client, bucket, prefix: "log", label: uri });
      };
      return {
        backend: server.name,
        uri,
        own: [secret(`${server.name}: the bucket`, bucket)],
        credentials: [secret(`${server.name}: the secret key`, credentials.secretAccessKey)],
        open,
        openToRead: open,
        ...behind,
      };
    },
  };
}

function secret(name: string, text: string): Secret {
  return { name, bytes: Buffer.from(text) };
}

/** A text for a URI that is nowhere else: 32 hexadecimal digits, of which a bucket may be made, too. */
function unguessable(): string {
  return randomBytes(16).toString("hex");
}
