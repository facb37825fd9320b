// What requests a server got, for tests that count them.

import type { S3Operation } from "./request.ts";

/** A request that a server got. */
export interface LoggedRequest {
  readonly operation: S3Operation;
  /** Empty if the request names none. */
  readonly bucket: string;
  /** Empty if the request names none. */
  readonly key: string;
  /** HTTP status of the answer; 0 if there was none, or is none yet. */
  readonly status: number;
  /** Bytes of the request's body as it was sent; 0 if the answer did not wait for it. */
  readonly bytesIn: number;
  /** Bytes of the answer's body. */
  readonly bytesOut: number;
}

/** Which requests are meant: those that agree in every field given. */
export type RequestFilter = Partial<Pick<LoggedRequest, "operation" | "bucket" | "key" | "status">>;

/** The requests that a server got, in the order in which they came. */
export interface RequestLog {
  /** The newest ones (at most 10,000), oldest first. */
  list(filter?: RequestFilter): LoggedRequest[];
  /** How many there are in `list`. */
  count(filter?: RequestFilter): number;
  /** Forgets them. */
  clear(): void;
}

/** A request whose fields become known one by one. */
export type OpenRecord = { -readonly [Field in keyof LoggedRequest]: LoggedRequest[Field] };

const KEPT = 10_000;

/** The log as the server sees it. */
export class BoundedRequestLog implements RequestLog {
  #records: OpenRecord[] = [];

  /** Adds a request; its fields may be set later on. */
  begin(): OpenRecord {
    const record: OpenRecord = {
      operation: "Other",
      bucket: "",
      key: "",
      status: 0,
      bytesIn: 0,
      bytesOut: 0,
    };
    this.#records.push(record);
    if (this.#records.length > KEPT) this.#records.shift();
    return record;
  }

  list(filter: RequestFilter = {}): LoggedRequest[] {
    return this.#records.filter((record) => agrees(record, filter)).map((record) => ({ ...record }));
  }

  count(filter: RequestFilter = {}): number {
    return this.#records.filter((record) => agrees(record, filter)).length;
  }

  clear(): void {
    this.#records = [];
  }
}

function agrees(record: LoggedRequest, { operation, bucket, key, status }: RequestFilter): boolean {
  return (
    (operation === undefined || record.operation === operation) &&
    (bucket === undefined || record.bucket === bucket) &&
    (key === undefined || record.key === key) &&
    (status === undefined || record.status === status)
  );
}
