import { S3Client } from "@aws-sdk/client-s3";
import {
  addressOf,
  compareAndSetOf,
  generateSeed,
  openReader,
  openWriter,
  rawSha256,
} from "@remote-log/core";
import { openS3Remote, s3Remote } from "@remote-log/s3";
import { publicS3Remote } from "@remote-log/s3/public";
import { MemoryLevel } from "memory-level";

/** A place in S3, in a form that goes into a page. */
export interface BrowserPlace {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly bucket: string;
  readonly prefix: string;
}

function optionsOf({ bucket, prefix, ...settings }: BrowserPlace) {
  return { client: new S3Client({ ...settings, forcePathStyle: true }), bucket, prefix };
}

async function textsOf(reader: Awaited<ReturnType<typeof openReader>>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { content } of reader.from(0)) texts.push(new TextDecoder().decode(content));
  return texts;
}

/** What the tests ask a page or a worker to do. */
export const commands = {
  /** Writes a public log; tells its id, and what a reader with the same credentials reads. */
  async writeAndRead(place: BrowserPlace, texts: readonly string[]) {
    const options = optionsOf(place);
    await using writer = await openWriter({
      seed: generateSeed(),
      journal: new MemoryLevel<Uint8Array, Uint8Array>(),
      remotes: [await openS3Remote(options)],
      settings: { visibility: "public" },
      publish: "manual",
    });
    for (const text of texts) await writer.append(new TextEncoder().encode(text));
    await writer.publish();
    await using reader = await openReader({ logId: writer.logId, remotes: [s3Remote(options)] });
    return { logId: writer.logId, read: await textsOf(reader) };
  },

  /** Reads a log over plain HTTP. */
  async readPublic(url: string, logId: string) {
    await using reader = await openReader({ logId, remotes: [publicS3Remote({ url })] });
    return await textsOf(reader);
  },

  /** Resolves a name over plain HTTP, twice; tells what the second time gave. */
  async resolveAgain(url: string, name: string) {
    const { names } = publicS3Remote({ url });
    const first = await names.resolve(name);
    return first.status === "found" ? names.resolve(name, { known: first.revision }) : first;
  },

  /** Reads a content over plain HTTP by the address of its text. */
  async readContent(url: string, text: string) {
    const address = await addressOf(new TextEncoder().encode(text), rawSha256);
    return new TextDecoder().decode(await publicS3Remote({ url }).storage.get(address));
  },

  async openRemote(place: BrowserPlace) {
    return compareAndSetOf((await openS3Remote(optionsOf(place))).names);
  },

  async resolve(place: BrowserPlace, name: string) {
    return (await s3Remote(optionsOf(place)).names.resolve(name)).status;
  },

  /** What a name shows. */
  async shown(place: BrowserPlace, name: string) {
    const found = await s3Remote(optionsOf(place)).names.resolve(name);
    return found.status === "found" ? new TextDecoder().decode(found.content) : found.status;
  },

  /** Whether a content is there, before and after it is read. */
  async isThere(place: BrowserPlace, text: string) {
    const { storage } = s3Remote(optionsOf(place));
    const address = await addressOf(new TextEncoder().encode(text), rawSha256);
    await storage.get(address).catch(() => undefined);
    return storage.has(address);
  },

  /** Puts contents; tells what a list of all of them has. */
  async putAndList(place: BrowserPlace, texts: readonly string[]) {
    const { storage } = s3Remote(optionsOf(place));
    for (const text of texts) await storage.put(new TextEncoder().encode(text));
    const listed: string[] = [];
    for await (const address of storage.list!()) listed.push(`${address}`);
    return listed;
  },
};
