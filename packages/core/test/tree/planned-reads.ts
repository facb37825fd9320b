// A tree of pages and bundles, and what is planned to be read of it.

import { expect } from "vitest";
import { Address } from "../../src/address/address.ts";
import { rawSha256 } from "../../src/address/hash-type.ts";
import type { Bundle } from "../../src/log/bundle.ts";
import type { Page } from "../../src/log/page.ts";
import { planReads, readPlanned } from "../../src/tree/plan-reads.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import type { TreeView } from "../../src/tree/tree-view.ts";

export const { signal } = new AbortController();
const FAN_OUT = 16;
const addressOf = (number: number) =>
  Address.create(rawSha256.codec, rawSha256.hash, new Uint8Array(32).fill(number));
export const bundle = (first: number, lengths: readonly number[]): Bundle => ({
  first,
  lengths,
  address: addressOf(200 + first),
});

/** A tree of pages in nodes of 16, the last six of them in the head. */
export function viewWith(
  bundles: readonly Bundle[],
  alone: (page: number) => boolean,
  { requestBytes = 1000, concurrency = 4, pages = 40 } = {},
) {
  const ahead: number[] = [];
  const asked: string[] = [];
  const view = {
    bundles,
    head: { genesis: { genesis: { fanOut: FAN_OUT } } },
    limits: { ...defaultLimits, concurrency },
    requestBytes,
    prefetchRef: (page: number) => void ahead.push(page),
    neighbours: async (page: number) => {
      asked.push(`node of ${page}`);
      if (page >= pages - 6) return { end: pages, bundles: [] };
      const start = Math.floor(page / FAN_OUT) * FAN_OUT;
      const end = Math.min(pages - 6, start + FAN_OUT);
      return { end, bundles: bundles.filter(({ first }) => start <= first && first < end) };
    },
    ref: async (_level: number, page: number) => {
      const own = bundles.find(({ first, lengths }) => first <= page && page < first + lengths.length);
      return { address: own === undefined || alone(page) ? addressOf(page) : own.address };
    },
    fetchPage: async (page: number) => () => ({ tail: Uint8Array.of(page) }) as unknown as Page,
  } as unknown as TreeView;
  return { view, ahead, asked };
}

/** The first page of the bundle that a page is in. */
function firstOf(view: TreeView, page: number): number {
  const { bundles } = view as unknown as { readonly bundles: readonly Bundle[] };
  return bundles.find(({ first, lengths }) => first <= page && page < first + lengths.length)!.first;
}

export const every = (page: number): number => page;

export async function planned(
  view: TreeView,
  first: number,
  end: number,
  wantedFrom: (page: number) => number = every,
): Promise<(number | readonly [number, readonly number[]])[]> {
  const reads: (number | readonly [number, readonly number[]])[] = [];
  for await (const planned of planReads(view, { first, end }, wantedFrom, signal)) {
    const decode = await readPlanned(view, planned, signal);
    const pages = (await decode()).map(([page, { tail }]) => {
      expect(tail).toEqual(Uint8Array.of(page));
      return page;
    });
    if (!("page" in planned)) expect(planned.pages).toEqual(pages);
    reads.push("page" in planned ? planned.page : [firstOf(view, pages[0]!), pages]);
  }
  return reads;
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);
