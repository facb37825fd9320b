// What services ask for requests, by their public lists.

import type { RemoteTraffic } from "@remote-log/core";

/** What a service asks, in US dollars. */
interface ListPrice {
  readonly service: string;
  /** The day on which the list was looked up. */
  readonly date: string;
  /** For a million requests that write. */
  readonly writes: number;
  /** For a million requests that read. */
  readonly reads: number;
  /** For 10^9 bytes that are read. */
  readonly gigabyteRead: number;
}

/** Without what is free for small accounts, and without what is kept there. */
const S3: ListPrice = {
  service: "S3 Standard, us-east-1",
  date: "2026-11-30",
  writes: 5,
  reads: 0.4,
  gigabyteRead: 0.09,
};
const R2: ListPrice = {
  service: "Cloudflare R2",
  date: "2026-11-30",
  writes: 4.5,
  reads: 0.36,
  gigabyteRead: 0,
};

/** What requests to a remote cost. */
export interface Cost {
  readonly dollars: number;
  readonly service: string;
  readonly date: string;
}

/** What traffic costs at the list price of its service; `undefined` if the place has none, such as a server of one's own. */
export function costOf(uri: string, { reads, writes, bytesRead }: RemoteTraffic): Cost | undefined {
  const price = priceFor(uri);
  if (price === undefined) return undefined;
  const { service, date } = price;
  const dollars =
    (writes * price.writes + reads * price.reads) / 1e6 + (bytesRead * price.gigabyteRead) / 1e9;
  return { dollars, service, date };
}

function priceFor(uri: string): ListPrice | undefined {
  if (!uri.startsWith("s3:")) return undefined;
  const endpoint = new URL(uri).searchParams.get("endpoint");
  if (endpoint === null) return S3;
  const { hostname } = URL.canParse(endpoint) ? new URL(endpoint) : { hostname: "" };
  if (hostname.endsWith(".amazonaws.com")) return S3;
  return hostname.endsWith(".r2.cloudflarestorage.com") ? R2 : undefined;
}
