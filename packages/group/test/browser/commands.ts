// What the tests ask a tab or a worker to do. Each has one group at a time, on the IndexedDB that all of a profile share.

import { S3Client } from "@aws-sdk/client-s3";
import { databaseReaderStore, loadOrCreateSeed, type Remote } from "@remote-log/core";
import { type Group, type GroupStatus, jsonCodec, openGroup } from "@remote-log/group";
import { openS3Remote, s3Remote } from "@remote-log/s3";
import { BrowserLevel } from "browser-level";

/** Where the devices meet. */
export interface Bucket {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly bucket: string;
  readonly prefix: string;
}

let open: Group<string> | undefined;

export const commands = {
  /** Opens the group of this profile; tells which log is this device's. */
  async open({ bucket, prefix, ...service }: Bucket, name: string, invite?: string): Promise<string> {
    const client = new S3Client({ ...service, forcePathStyle: true, maxAttempts: 1 });
    const at = { client, bucket, prefix };
    const keys = new BrowserLevel<Uint8Array, Uint8Array>("keys");
    const seed = await loadOrCreateSeed(databaseReaderStore(keys));
    await keys.close();
    open = await openGroup<string>({
      name,
      seed,
      journal: new BrowserLevel("journal"),
      store: new BrowserLevel("store"),
      codec: jsonCodec<string>(),
      remotes: async () => [{ remote: await openS3Remote(at), uri: "bucket:shared" }],
      schemes: { "bucket:": (): Remote => s3Remote(at) },
      sync: "manual",
      retries: 0,
      ...(invite !== undefined && { invite }),
    });
    return open.self;
  },

  async invite(): Promise<string> {
    return group().invite();
  },

  async append(text: string): Promise<void> {
    await group().append(text);
  },

  /** Appends a message with bytes attached. */
  async send(text: string, bytes: Uint8Array): Promise<void> {
    await group().append(text, { attachments: [await group().attach(bytes)] });
  },

  async sync(): Promise<Pick<GroupStatus, "state" | "waitingToPublish">> {
    const { state, waitingToPublish } = await group().sync();
    return { state, waitingToPublish };
  },

  /** What is on this device, in order. */
  async texts(): Promise<string[]> {
    const texts: string[] = [];
    for await (const { value } of group().messages()) texts.push(value);
    return texts;
  },

  /** The bytes that are attached to a message, as many as they are, from a byte on. */
  async download(text: string, from: number): Promise<Uint8Array> {
    for await (const { value, attachments } of group().messages()) {
      if (value !== text) continue;
      const parts: Uint8Array[] = [];
      for await (const part of attachments[0]!.open({ from })) parts.push(part);
      return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
    }
    throw new Error("There is no such message.");
  },

  async close(): Promise<void> {
    await group().close();
  },

  /** Opens the group, and closes it again; tells what was in it. */
  async openAndRead(bucket: Bucket, name: string): Promise<string[]> {
    await commands.open(bucket, name);
    const texts = await commands.texts();
    await commands.close();
    return texts;
  },
};

function group(): Group<string> {
  if (open === undefined) throw new Error("No group is open here.");
  return open;
}
