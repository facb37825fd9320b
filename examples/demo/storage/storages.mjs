// The remotes that the demo can use. What a server needs is loaded only on request: a folder needs Node alone.
//
// A storage has the `uri` that rlog opens, its `folder` if it is one that stays, lines `about` itself, `close()`, and these ways
// to lie:
//   keep()                      remembers what it shows now
//   whileItShows(kept, told)    shows that again, until what is told then has ended
//   whileOneBitIsFlipped(told)  the same, with one bit of one page flipped
import { interrupted } from "../interrupted.mjs";

/** The storages, by what a person calls them. */
export const storages = {
  folder: {
    about: "a folder of this machine (the default)",
    async open(folder) {
      const { openFolder } = await import("./folder.mjs");
      return openFolder(folder);
    },
  },
  s3: {
    about: "our own S3 server, in memory; needs nothing but Node",
    open: () => openBucketOf("our own S3 server", startOwn),
  },
  minio: {
    about: "MinIO; built with Go the first time, which takes some minutes",
    open: () => openBucketOf("MinIO", async (options) => (await servers()).startMinio(options)),
  },
  versitygw: {
    about: "versitygw, S3 over a folder; built with Go the first time, too",
    open: () => openBucketOf("versitygw", async (options) => (await servers()).startVersitygw(options)),
  },
};

/**
 * Opens a storage.
 *
 * @param folder - where it may keep files; the caller removes what is not to stay
 */
export function openStorage(name, folder) {
  return storages[name].open(folder);
}

const servers = () => import("@remote-log/servers");

async function startOwn(options) {
  const { startOwnServer } = await import("./own-server.mjs");
  return startOwnServer(options);
}

async function openBucketOf(title, start) {
  const { openBucket } = await import("./bucket.mjs");
  const server = await start({ signal: interrupted });
  try {
    return await openBucket(title, server, interrupted);
  } catch (error) {
    await server.stop();
    throw error;
  }
}
