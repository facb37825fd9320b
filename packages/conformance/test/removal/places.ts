// Places for a log on real servers, and what each server itself says of whether it keeps an object.

import { randomUUID } from "node:crypto";
import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Address, LogKeys, Remote } from "@remote-log/core";
import { ipfsRemote } from "@remote-log/ipfs";
import { openS3Remote } from "@remote-log/s3";
import {
  createBucket,
  type S3ProgramServer,
  startBee,
  startKubo,
  startMinio,
  startVersitygw,
} from "@remote-log/servers";
import { swarmRemote } from "@remote-log/swarm";
import { atEnd } from "@remote-log/test-kit/vitest";

/** Where one log is kept on a server. */
export interface Place {
  /** Opens it for writing. */
  open(): Promise<Remote>;
  /** Opens it for reading. */
  openToRead(): Promise<Remote>;
  /** Whether the server keeps an object, in its own words. */
  keeps(address: Address): Promise<boolean>;
}

/** A server that runs. */
export interface Server {
  /** What becomes there of what is removed. */
  readonly forgets: "deleted" | "released" | "never";
  /** Makes a new place on it, for a log with these keys. */
  place(keys: LogKeys): Promise<Place>;
  /** Has it drop what nothing keeps any more, if it does not do so at once. */
  tidyUp?(): Promise<void>;
}

/** How to start each server. It ends after the tests of the file. */
export const starts = { minio: s3On(startMinio), versitygw: s3On(startVersitygw), kubo, bee } as const;

const BUCKET = "removal";

function s3On(start: () => Promise<S3ProgramServer>): () => Promise<Server> {
  return async () => {
    const server = await start();
    atEnd(() => server.stop());
    await createBucket(server, BUCKET);
    const { endpoint, region, credentials } = server;
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    atEnd(() => client.destroy());
    return {
      forgets: "deleted",
      async place() {
        const prefix = randomUUID();
        const open = (): Promise<Remote> => openS3Remote({ client, bucket: BUCKET, prefix, label: "s3" });
        return {
          open,
          openToRead: open,
          async keeps({ digest }) {
            const Key = `${prefix}/contents/${Buffer.from(digest).toString("hex")}`;
            try {
              await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
              return true;
            } catch (error) {
              if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404)
                return false;
              throw error;
            }
          },
        };
      },
    };
  };
}

async function kubo(): Promise<Server> {
  const node = await startKubo();
  atEnd(() => node.stop());
  const command = async (path: string): Promise<{ readonly ok: boolean; readonly text: string }> => {
    const response = await fetch(`${node.rpc}/api/v0/${path}`, { method: "POST" });
    return { ok: response.ok, text: await response.text() };
  };
  return {
    forgets: "released",
    async place({ ipns: nameKey }) {
      const at = { node: node.rpc, searchMilliseconds: 500, label: "kubo" };
      const { name } = await ipfsRemote({ ...at, nameKey });
      return {
        open: () => ipfsRemote({ ...at, nameKey }),
        openToRead: () => ipfsRemote({ ...at, name }),
        async keeps(address) {
          const { ok, text } = await command(`pin/ls?arg=${address}`);
          if (ok || text.includes("is not pinned")) return ok;
          throw new Error(text);
        },
      };
    },
    async tidyUp() {
      const { ok, text } = await command("repo/gc");
      if (!ok) throw new Error(text);
    },
  };
}

async function bee(): Promise<Server> {
  const node = await startBee();
  atEnd(() => node.stop());
  return {
    forgets: "never",
    async place({ swarm: nameKey }) {
      const stamp = await node.buyBatch();
      const open = async (): Promise<Remote> => swarmRemote({ bee: node.url, stamp, nameKey, label: "bee" });
      const { owner } = swarmRemote({ bee: node.url, stamp, nameKey });
      return {
        open,
        openToRead: async () => swarmRemote({ bee: node.url, owner, label: "bee" }),
        async keeps(address) {
          const hex = Buffer.from(address.digest).toString("hex");
          return (await fetch(`${node.url}/chunks/${hex}`)).ok;
        },
      };
    },
  };
}
