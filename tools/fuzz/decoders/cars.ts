// CAR files: the one that carries a log by hand may come from anybody.

import { encodeHeader } from "../../../packages/car/src/header.ts";
import { carRemote } from "../../../packages/car/src/index.ts";
import { varint } from "../../../packages/car/src/varint.ts";
import { concatBytes } from "../../../packages/core/src/bytes.ts";
import { addressOf, isRemoteLogError, rawSha256 } from "../../../packages/core/src/index.ts";
import { type Decoder, promise } from "../decoder.ts";
import { mutateBytes } from "../mutate/bytes.ts";

/** Files with a few blocks, one of them twice. */
export async function carsCorpus(): Promise<Readonly<Record<string, readonly Uint8Array[]>>> {
  const block = async (length: number): Promise<Uint8Array> => {
    const content = new Uint8Array(length).fill(length);
    const { bytes: cid } = await addressOf(content, rawSha256);
    return concatBytes([varint(cid.length + content.length), cid, content]);
  };
  const file = async (lengths: readonly number[]): Promise<Uint8Array> => {
    const { bytes: root } = await addressOf(new Uint8Array(9).fill(9), rawSha256);
    return concatBytes([encodeHeader(root), ...(await Promise.all(lengths.map(block)))]);
  };
  return { "car-file": [await file([]), await file([9, 1, 200]), await file([40, 9, 40])] };
}

/** The decoder of CAR files. */
export const cars: readonly Decoder[] = [
  {
    name: "car-file",
    mutate: mutateBytes,
    refusals: ["ERR_MALFORMED", "ERR_UNSUPPORTED", "ERR_TOO_LARGE"],
    check: async (input) => {
      const { storage } = carRemote({ file: input, mostBlocks: 64 });
      for await (const address of storage.list!()) {
        const content = await storage.get(address).catch((error: unknown) => {
          promise(isRemoteLogError(error) && error.code === "ERR_INTEGRITY", "a block that is there is lost");
          return undefined;
        });
        if (content === undefined) continue;
        promise((await addressOf(content, rawSha256)).equals(address), "a block has other bytes");
        promise(content.length < input.length, "a block is larger than its file");
      }
      await storage.close?.();
    },
  },
];
