import { generateSeed, openReader, openWriter, type Remote } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { payloadOf } from "../costs/counted-log.ts";
import type { Use } from "./uses.ts";

/** Entries that a log has when counting begins, and entries that are counted. */
const [BEFORE, COUNTED] = [2048, 2048];

/** A chunk of Swarm, in bytes, and how many addresses one holds. */
const [CHUNK_BYTES, ADDRESSES] = [4096, 128];

/** Requests and bytes. */
export interface Traffic {
  writes: number;
  writtenBytes: number;
  reads: number;
  readBytes: number;
  /** Chunks of Swarm that what is written makes. */
  chunks: number;
}

/** What an entry costs its writer, and one reader who follows. */
export interface EntryTraffic {
  readonly writer: Traffic;
  readonly reader: Traffic;
}

/** Counts what a log costs in the middle of its life: for each entry, on average. */
export async function countEntry({ payloadBytes, publishSize }: Use): Promise<EntryTraffic> {
  const [ofWriter, ofReader] = [none(), none()];
  const remote = memoryRemote();
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel({ keyEncoding: "view", valueEncoding: "view" }),
    remotes: [counting(remote, ofWriter)],
    publish: "manual",
  });
  const { logId, readKey: key } = writer;
  const append = async (count: number): Promise<void> => {
    const from = writer.size;
    await writer.appendAll(Array.from({ length: count }, (_, i) => payloadOf(from + i, payloadBytes)));
    await writer.publish();
  };
  await append(BEFORE);
  const reader = await openReader({ logId, key, remotes: [counting(remote, ofReader)] });
  for await (const { sequence } of reader.from(writer.size - 1)) void sequence;
  const [writerBefore, readerBefore] = [{ ...ofWriter }, { ...ofReader }];
  const begun = writer.size;
  while (writer.size < begun + COUNTED) {
    const from = writer.size;
    await append(publishSize);
    for await (const { sequence } of reader.from(from)) void sequence;
  }
  const entries = writer.size - begun;
  await Promise.all([reader.close(), writer.close()]);
  return {
    writer: perEntry(ofWriter, writerBefore, entries),
    reader: perEntry(ofReader, readerBefore, entries),
  };
}

/** The chunks of an object: its pieces, and the tree above them if there are several. */
export function chunksOf(bytes: number): number {
  let level = Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
  let chunks = level;
  while (level > 1) {
    level = Math.ceil(level / ADDRESSES);
    chunks += level;
  }
  return chunks;
}

function none(): Traffic {
  return { writes: 0, writtenBytes: 0, reads: 0, readBytes: 0, chunks: 0 };
}

function perEntry(now: Traffic, before: Traffic, entries: number): Traffic {
  const of = (what: keyof Traffic): number => (now[what] - before[what]) / entries;
  return {
    writes: of("writes"),
    writtenBytes: of("writtenBytes"),
    reads: of("reads"),
    readBytes: of("readBytes"),
    chunks: of("chunks"),
  };
}

function counting(remote: Remote, traffic: Traffic): Remote {
  const wrote = (bytes: number): void => {
    traffic.writes++;
    traffic.writtenBytes += bytes;
    traffic.chunks += chunksOf(bytes);
  };
  const { storage, names } = remote;
  return {
    ...remote,
    storage: {
      ...storage,
      put(content, options) {
        wrote(content.length);
        return storage.put(content, options);
      },
      async get(address, options) {
        const content = await storage.get(address, options);
        traffic.reads++;
        traffic.readBytes += content.length;
        return content;
      },
    },
    names: {
      ...names,
      update(name, content, options) {
        wrote(content.length);
        return names.update(name, content, options);
      },
      async resolve(name, options) {
        const resolution = await names.resolve(name, options);
        traffic.reads++;
        if (resolution.status === "found") traffic.readBytes += resolution.content.length;
        return resolution;
      },
    },
  };
}
