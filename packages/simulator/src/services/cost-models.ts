// What services cost, and how quick and how fresh they are: figures of real servers, and assumptions about the network between.

/** What one operation costs. */
export interface OperationCost {
  /** HTTP requests. */
  readonly requests: number;
  /** Bytes of HTTP besides the content: headers, status lines, forms. */
  readonly bytes: number;
  /** How often the content is sent: 2 if what was set is read back. Default 1. */
  readonly copies?: number | undefined;
  /** How long it takes, in milliseconds. */
  readonly milliseconds: number;
}

/** What is done with a service. */
export type Operation = "put" | "get" | "has" | "update" | "resolve" | "unchanged";

/** A service that a remote log lies on. `unchanged` is a resolve that says that there is nothing new. */
export interface CostModel extends Readonly<Record<Operation, OperationCost>> {
  readonly name: string;
  /** The content of an object that one request carries, if objects are cut into pieces. */
  readonly pieceBytes?: number | undefined;
  /** How old what a reader is shown may be, in milliseconds. */
  readonly staleMilliseconds: number;
}

/*
 * Requests, bytes and copies were counted on the wire to MinIO (by the light client, without TLS), Kubo and Bee; the test
 * request-sizes holds them against these servers. Times are assumptions, since a server on the same machine answers in a
 * millisecond: 80 ms for a round trip of a phone, and what the networks add. On the public network an IPNS record takes tens of
 * seconds to be published (bench/README.md, "On IPFS"), and gateways show it for a minute (`ttlMilliseconds` of @remote-log/ipfs).
 */

/** A bucket. */
export const S3: CostModel = {
  name: "S3",
  put: { requests: 1, bytes: 1456, milliseconds: 120 },
  get: { requests: 1, bytes: 1334, milliseconds: 100 },
  has: { requests: 1, bytes: 1410, milliseconds: 100 },
  update: { requests: 1, bytes: 1567, milliseconds: 120 },
  resolve: { requests: 1, bytes: 1394, milliseconds: 100 },
  unchanged: { requests: 1, bytes: 1280, copies: 0, milliseconds: 90 },
  staleMilliseconds: 0,
};

/** A Kubo node that is always on, and the public network behind it. A record holds the head, so that "unchanged" carries it, too. */
export const IPNS: CostModel = {
  name: "IPNS",
  put: { requests: 1, bytes: 1000, milliseconds: 120 },
  get: { requests: 1, bytes: 712, milliseconds: 300 },
  has: { requests: 1, bytes: 762, milliseconds: 100 },
  update: { requests: 3, bytes: 2905, copies: 2, milliseconds: 20_000 },
  resolve: { requests: 1, bytes: 1010, milliseconds: 1000 },
  unchanged: { requests: 1, bytes: 947, milliseconds: 1000 },
  staleMilliseconds: 60_000,
};

/** A Bee node that is always on. Objects are cut into chunks; a feed is looked through to its end. */
export const SWARM: CostModel = {
  name: "Swarm",
  put: { requests: 1, bytes: 689, milliseconds: 1500 },
  get: { requests: 1, bytes: 404, milliseconds: 700 },
  has: { requests: 1, bytes: 404, milliseconds: 700 },
  update: { requests: 3, bytes: 1884, copies: 2, milliseconds: 3000 },
  resolve: { requests: 2, bytes: 957, milliseconds: 2000 },
  unchanged: { requests: 1.5, bytes: 688, copies: 0, milliseconds: 1500 },
  pieceBytes: 4096,
  staleMilliseconds: 0,
};

const FREE: OperationCost = { requests: 1, bytes: 0, milliseconds: 0 };

/** A service that costs nothing but the bytes of the log, and answers at once. */
export const BARE: CostModel = {
  name: "bare",
  put: FREE,
  get: FREE,
  has: FREE,
  update: FREE,
  resolve: FREE,
  unchanged: { ...FREE, copies: 0 },
  staleMilliseconds: 0,
};
