// The log of a device and that of its peer, on the server that a plan names.
import { join } from "node:path";
import { deriveKeys, openReader, openWriter, ReadKey } from "@remote-log/core";
import { ClassicLevel } from "classic-level";

/** Opens both logs; the peer's only if it has begun. */
export async function openLogs({ folder, seed, place, log }) {
  const keys = deriveKeys(Buffer.from(seed, "hex"));
  let requests = 0;
  const { fetch } = globalThis;
  globalThis.fetch = (...parameters) => {
    requests++;
    return fetch(...parameters);
  };
  const remotes = await openers[place.kind](place, keys, () => requests++);
  const journal = new ClassicLevel(join(folder, "journal"));
  const writer = await openWriter({
    seed: Buffer.from(seed, "hex"),
    journal,
    remotes: [remotes.own],
    publish: "manual",
    settings: { identifiers: "mvds" },
  });
  const readers = new Map();
  if (log !== undefined) {
    const key = log.key === undefined ? {} : { key: new ReadKey(Buffer.from(log.key, "hex")) };
    readers.set(
      log.peer,
      await openReader({ logId: log.logId, ...key, remotes: [await remotes.of(log.peer, log.name)] }),
    );
  }
  return {
    writer,
    readers,
    requests: () => requests,
    async close() {
      for (const reader of readers.values()) await reader.close();
      await writer.close();
      await remotes.close?.();
    },
  };
}

const openers = {
  async minio({ account, name }, _keys, count) {
    const { S3Client } = await import("@aws-sdk/client-s3");
    const { s3Remote } = await import("@remote-log/s3");
    const client = new S3Client({ ...account, forcePathStyle: true });
    const counted = (next) => (request) => {
      count();
      return next(request);
    };
    client.middlewareStack.add(counted, { step: "finalizeRequest" });
    const open = (prefix) => s3Remote({ bucket: "sync", prefix, label: prefix, client });
    return { own: open(name), of: open, close: () => client.destroy() };
  },
  async kubo({ url }, { ipns: nameKey }) {
    const { ipfsRemoteFromUri } = await import("@remote-log/ipfs");
    const own = await ipfsRemoteFromUri(`ipfs+${url}`, { nameKey });
    return { own, of: (_peer, name) => ipfsRemoteFromUri(`ipfs+${url}?name=${name}`) };
  },
  async bee({ url, stamp }, { swarm: nameKey }) {
    const { swarmRemoteFromUri } = await import("@remote-log/swarm");
    const own = swarmRemoteFromUri(`bee+${url}?stamp=${stamp}`, { nameKey });
    return { own, of: (_peer, owner) => swarmRemoteFromUri(`bee+${url}?owner=${owner}`) };
  },
};
