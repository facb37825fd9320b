import { S3Client } from "@aws-sdk/client-s3";
import type { NameResolver, Remote, StorageBackend } from "@remote-log/core";
import { fsRemote } from "@remote-log/fs";
import { openS3Remote, s3Remote } from "@remote-log/s3";
import { withOthers } from "../remote/traffic.ts";
import type { Place } from "./apart.ts";

/** What went through a remote. */
export interface Counts {
  /** Objects stored, and their bytes. */
  puts: number;
  putBytes: number;
  /** Updates of the name, and their bytes. */
  updates: number;
  updateBytes: number;
  /** Objects and heads asked for, and their bytes. */
  reads: number;
  readBytes: number;
}

/** A remote that counts, and how its connections are closed. */
export interface CountedPlace {
  readonly remote: Remote;
  readonly counts: Counts;
  readonly close: () => Promise<void>;
}

/**
 * Opens a place.
 *
 * @param toWrite - whether the service is asked whether names can be compared and set
 * @param onPut - called before each object that is stored
 */
export async function openPlace(
  place: Place,
  toWrite: boolean,
  onPut: () => void = () => undefined,
): Promise<CountedPlace> {
  const counts: Counts = { puts: 0, putBytes: 0, updates: 0, updateBytes: 0, reads: 0, readBytes: 0 };
  const client = place.kind === "s3" ? new S3Client({ ...place, forcePathStyle: true }) : undefined;
  const remote = await remoteAt(place, client, toWrite);
  const { storage, names } = remote;
  return {
    counts,
    remote: {
      ...remote,
      storage: withOthers<StorageBackend>(storage, {
        put(content, options) {
          counts.puts++;
          counts.putBytes += content.length;
          onPut();
          return storage.put(content, options);
        },
        async get(address, options) {
          const content = await storage.get(address, options);
          counts.reads++;
          counts.readBytes += content.length;
          return content;
        },
      }),
      names: withOthers<NameResolver>(names, {
        update(name, content, options) {
          counts.updates++;
          counts.updateBytes += content.length;
          return names.update(name, content, options);
        },
        async resolve(name, options) {
          const resolution = await names.resolve(name, options);
          counts.reads++;
          if (resolution.status === "found") counts.readBytes += resolution.content.length;
          return resolution;
        },
      }),
    },
    async close() {
      await storage.close?.();
      await names.close?.();
      client?.destroy();
    },
  };
}

async function remoteAt(place: Place, client: S3Client | undefined, toWrite: boolean): Promise<Remote> {
  if (place.kind === "fs") return fsRemote({ root: place.root });
  const options = { client: client!, bucket: place.bucket, prefix: "log" };
  return toWrite ? openS3Remote(options) : s3Remote(options);
}
