import { devNull } from "node:os";
import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { probeS3 } from "@remote-log/s3";
import { createBucket } from "@remote-log/servers";

const Bucket = "remote-log-demo";
const PREFIX = "alice";

/** A bucket of a running server as storage. It ends the server when it is closed. */
export async function openBucket(title, server, signal) {
  const { name, version, endpoint, region, credentials } = server;
  useAccount(credentials);
  await createBucket(server, Bucket, signal);
  const client = new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const { compareAndSet, reason } = await probeS3({ client, bucket: Bucket, prefix: PREFIX, signal });
  const query = new URLSearchParams({ region, endpoint });
  // Nobody else writes this log, and its writer reads back.
  if (compareAndSet === "none") query.set("compare-and-set", "none");
  const objects = new Objects(client, signal);
  return {
    about: [
      `The storage is ${title}${name === "own" ? "" : ` (version ${version})`} at ${endpoint}, bucket ${Bucket}.`,
      ...(compareAndSet === "none" ? [`${reason} So Alice alone writes, and reads back.`] : []),
    ],
    uri: `s3://${Bucket}/${PREFIX}?${query}`,
    ...liesOf(objects),
    async close() {
      client.destroy();
      await server.stop();
    },
  };
}

// What a bucket shows of a log is what its names hold: contents that no name leads to are seen by nobody.
function liesOf(objects) {
  const keep = async () => {
    const listed = await objects.list("names/");
    return Promise.all(listed.map(({ Key }) => objects.get(Key)));
  };
  const show = (kept) => Promise.all(kept.map((object) => objects.put(object)));
  return {
    keep,
    async whileItShows(kept, told) {
      const honest = await keep();
      await show(kept);
      await told();
      await show(honest);
    },
    async whileOneBitIsFlipped(told) {
      const listed = await objects.list("contents/");
      // The smallest is a page. Larger ones may be index nodes, and one that was replaced since is read by nobody.
      const smallest = listed.reduce((least, object) => (object.Size < least.Size ? object : least));
      const page = await objects.get(smallest.Key);
      const Body = page.Body.slice();
      Body[Body.length >> 1] ^= 1;
      // Without the checksum of what was stored, with which the server would refuse it.
      await objects.put({ ...page, Body, ChecksumSHA256: undefined });
      await told();
      await objects.put(page);
    },
  };
}

/** The objects below the prefix, with whatever the adapter keeps beside their bytes. */
class Objects {
  #client;
  #signal;

  constructor(client, signal) {
    this.#client = client;
    this.#signal = signal;
  }

  async list(below) {
    const found = [];
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket, Prefix: `${PREFIX}/${below}` });
    for await (const { Contents = [] } of pages) found.push(...Contents);
    return found;
  }

  async get(Key) {
    const { Body, Metadata, ContentType, ChecksumSHA256 } = await this.#send(
      new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }),
    );
    return { Key, Body: await Body.transformToByteArray(), Metadata, ContentType, ChecksumSHA256 };
  }

  put(object) {
    return this.#send(new PutObjectCommand({ Bucket, ...object }));
  }

  #send(command) {
    return this.#client.send(command, { abortSignal: this.#signal });
  }
}

// This process and those that it starts use the account of the server, and nothing of the person's own settings.
function useAccount({ accessKeyId, secretAccessKey }) {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
    // The SDK tells on every start when it will drop Node.js 20, which is no part of the story.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  });
}
