// A remote log: a folder that a web server serves, read by HTTP.

import { join } from "node:path";
import { generateSeed, mirrorLog, openReader, openWriter } from "@remote-log/core";
import { fsRemote, staticRemote } from "@remote-log/fs";
import { publicS3Remote } from "@remote-log/s3/public";
import { ClassicLevel } from "classic-level";
import { BATCH, checkPayloads, ENTRIES, NEWEST } from "../payloads.mjs";
import { serveFolder } from "../serve-folder.mjs";
import { appends, overLinks } from "../timing.mjs";

const settings = { visibility: "public" };

export async function measure(bench) {
  const { folder, payloads } = bench;
  const contents = payloads(ENTRIES);
  let logs = 0;
  const opener = (journalAt) => async () => {
    const journal = journalAt(join(folder, `log-${logs++}`));
    const writer = await openWriter({ seed: generateSeed(), journal, settings });
    return {
      append: (content) => writer.append(content),
      appendAll: (values) => writer.appendAll(values),
      close: () => writer.close(),
    };
  };
  await appends(
    bench,
    "with fsync",
    opener((path) => new ClassicLevel(path)),
  );
  await appends(
    bench,
    "without fsync",
    opener((path) => withoutSync(new ClassicLevel(path))),
  );

  const root = join(folder, "public");
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new ClassicLevel(join(folder, "journal")),
    remotes: [staticRemote({ root })],
    publish: "manual",
    settings,
  });
  for (let at = 0; at < ENTRIES; at += BATCH) {
    await writer.appendAll(contents.slice(at, at + BATCH));
    await writer.publish();
  }
  const { logId } = writer;
  await writer.close();
  const server = await serveFolder(root);
  const readerAt = (port) =>
    openReader({ logId, remotes: [publicS3Remote({ url: `http://127.0.0.1:${port}` })] });

  const target = server.port;
  const catchUp = async (port) => {
    const reader = await readerAt(port);
    const read = [];
    for await (const { content } of reader.from(0)) read.push(content);
    checkPayloads(read, contents);
    return () => reader.close();
  };
  const newest = async (port) => {
    const reader = await readerAt(port);
    const read = await reader.latest(NEWEST);
    const received = read.map(({ content }) => content);
    checkPayloads(received, contents.slice(-NEWEST));
    return () => reader.close();
  };
  let copies = 0;
  const copy = async (port) => {
    const reader = await readerAt(port);
    await mirrorLog({ reader, to: fsRemote({ root: join(folder, `copy-${copies++}`), sync: false }) });
    return () => reader.close();
  };
  await overLinks(bench, { name: "catch up", count: ENTRIES, target, read: catchUp });
  await overLinks(bench, { name: "newest 100", count: NEWEST, target, read: newest });
  await overLinks(bench, { name: "catch up and keep it", count: ENTRIES, target, read: copy });
  await server.close();
}

/** The same database without waiting for the disk. Nothing that an application would do: it is here to compare. */
function withoutSync(database) {
  return {
    get status() {
      return database.status;
    },
    open: () => database.open(),
    close: () => database.close(),
    get: (key, options) => database.get(key, options),
    batch: (operations, options) => database.batch(operations, { ...options, sync: false }),
    iterator: (options) => database.iterator(options),
  };
}
