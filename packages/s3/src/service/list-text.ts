// Lists of objects, read out of their XML if the runtime has no parser (S3 API, ListObjectsV2).

import type { ListPage } from "./s3-service.ts";

const entities = new Map(Object.entries({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }));

/**
 * Reads what is needed of a page of a list out of its XML. Browsers have a parser in pages, but not in workers.
 *
 * @returns `undefined` if the text is no such page
 */
export function listFromText(xml: string | undefined): ListPage | undefined {
  if (xml === undefined || !/<ListBucketResult[\s>]/.test(xml)) return undefined;
  const token = textsOf(xml, "NextContinuationToken")[0];
  const truncated = textsOf(xml, "IsTruncated")[0];
  return {
    Contents: textsOf(xml, "Key").map((Key) => ({ Key })),
    ...(truncated !== undefined && { IsTruncated: truncated === "true" }),
    ...(token !== undefined && { NextContinuationToken: token }),
  };
}

function textsOf(xml: string, element: string): string[] {
  return Array.from(xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g")), ([, text = ""]) =>
    text.replaceAll(
      /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
      (whole: string, decimal?: string, hex?: string, name?: string) => {
        if (name !== undefined) return entities.get(name) ?? whole;
        const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      },
    ),
  );
}
