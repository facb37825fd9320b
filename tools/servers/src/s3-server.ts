// What every running server that speaks S3 offers to a test.

/** A running server that speaks S3. */
export interface S3Server {
  /** Which one it is. */
  readonly name: "own" | "minio" | "versitygw";
  /** Its version, for reports. */
  readonly version: string;
  /** Where it listens: `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** The region that it was given. */
  readonly region: string;
  /** An account that may do everything. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Ends it by its pid and removes its temporary folder. Safe to call twice. */
  stop(): Promise<void>;
}
