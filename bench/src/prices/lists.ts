/** What a service asks, in US dollars. */
export interface PriceList {
  readonly service: string;
  /** For a million requests that write. */
  readonly writes: number;
  /** For a million requests that read. */
  readonly reads: number;
  /** For a GB that is kept for a month. */
  readonly kept: number;
  /** For a GB that is read. */
  readonly read: number;
  /** The day on which the list was looked up. */
  readonly date: string;
  readonly source: string;
}

/** List prices, without what is free for small accounts. Look yourself before you decide: they change. */
export const priceLists: readonly PriceList[] = [
  {
    service: "S3 Standard, us-east-1",
    writes: 5,
    reads: 0.4,
    kept: 0.023,
    read: 0.09,
    date: "2026-11-30",
    source: "https://aws.amazon.com/s3/pricing/",
  },
  {
    service: "Cloudflare R2",
    writes: 4.5,
    reads: 0.36,
    kept: 0.015,
    read: 0,
    date: "2026-11-30",
    source: "https://developers.cloudflare.com/r2/pricing/",
  },
  {
    service: "IPFS, a pinning service",
    writes: 0,
    reads: 0,
    kept: 0.35,
    read: 0,
    date: "2026-11-30",
    source: "https://pinbits.io/",
  },
];

/** A chunk of Swarm for a block, in PLUR, as the tests of the adapter have it; a BZZ is 10^16 PLUR. */
export const SWARM: { readonly chunkPrice: number; readonly plur: number; readonly blocksADay: number } = {
  chunkPrice: 24_000,
  plur: 1e16,
  blocksADay: (24 * 60 * 60) / 5,
};
