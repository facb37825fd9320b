// The options of our own S3 server.

import type { CorsRule } from "./cors.ts";

/** What a server of our own is started with. */
export interface OwnS3Options {
  /** Default: `us-east-1`. */
  readonly region?: string;
  /** The one account. Default: a fixed access key and a new random secret, or what `data` has. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    /** If it is given, every signed request has to carry it. */
    readonly sessionToken?: string;
  };
  /** Buckets that are there from the start. */
  readonly buckets?: readonly string[];
  /** Buckets whose objects can be got without a signature. A missing one is 403 there, as on S3. */
  readonly publicRead?: readonly string[];
  /** Buckets that can be listed without a signature; in these, a missing object is 404 to everybody. */
  readonly publicList?: readonly string[];
  /** Which web pages may use it. Default: none. */
  readonly cors?: CorsRule;
  /** Where it listens on 127.0.0.1. Default: a free port. */
  readonly port?: number;
  /**
   * A folder in which it keeps buckets, objects and its account, so that the next start finds them. It is made if it is not there.
   * Default: none; everything is in memory.
   */
  readonly data?: string;
  /** Largest object in bytes. Default: 64 MiB. (S3: 5 GiB.) */
  readonly maximumObjectBytes?: number;
  /** How much it keeps in all, in bytes. Default: 512 MiB. */
  readonly maximumStoredBytes?: number;
  /** Its clock, in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number;
}
