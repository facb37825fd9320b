// Where the devices meet: a bucket, by the credentials that the server of this page gives out for a while.

import { S3Client } from "@aws-sdk/client-s3";
import { InvalidInputError, type Remote } from "@remote-log/core";
import type { GroupRemote } from "@remote-log/group";
import { openS3Remote, s3Remote } from "@remote-log/s3";

/** What `/place.json` says. It holds no secret, and is kept with the page. */
export interface PlaceSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly prefix: string;
  /** The time between two polls. */
  readonly pollMilliseconds: number;
}

/** The bucket, for the logs of this device and for those of the others. */
export class Place {
  readonly #at: { readonly client: S3Client; readonly bucket: string; readonly prefix: string };
  readonly #uri: string;

  constructor({ endpoint, region, bucket, prefix }: PlaceSettings) {
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      maxAttempts: 2,
      // Asked for with the first request, and again when they expire. They stay in memory: nothing keeps them on the device.
      credentials: givenCredentials,
    });
    this.#at = { client, bucket, prefix };
    this.#uri = `s3://${bucket}/${prefix}?${new URLSearchParams({ region, endpoint })}`;
  }

  /** Where this device publishes. */
  async remotes(): Promise<readonly GroupRemote[]> {
    return [{ remote: await openS3Remote(this.#at), uri: this.#uri }];
  }

  /** Where it reads others. They say where that is; our signature goes to our bucket alone. */
  readonly schemes: { readonly "s3:": (uri: string) => Remote } = {
    "s3:": (uri) => {
      if (uri !== this.#uri)
        throw new InvalidInputError("A member publishes in another bucket.", { operation: "notes.read" });
      return s3Remote(this.#at);
    },
  };
}

async function givenCredentials() {
  const answer = await fetch("/credentials", { cache: "no-store" });
  if (!answer.ok) throw new Error(`The server of this page gave no credentials: ${answer.status}.`);
  const { expiration, ...given } = (await answer.json()) as {
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken?: string;
    expiration: string;
  };
  return { ...given, expiration: new Date(expiration) };
}
