// Every decoder that reads bytes or text of strangers.

import type { Corpus, Decoder } from "../decoder.ts";
import { adapters } from "./adapters.ts";
import { bundles } from "./bundles.ts";
import { cars } from "./cars.ts";
import { groups } from "./groups.ts";
import { keyrings } from "./keyrings.ts";
import { messages } from "./messages.ts";
import { records } from "./records.ts";
import { signed } from "./signed.ts";
import { successions } from "./successions.ts";
import { sync } from "./sync.ts";
import { texts } from "./texts.ts";

/** Every decoder. */
export async function allDecoders(corpus: Corpus): Promise<readonly Decoder[]> {
  return [
    ...messages,
    ...(await signed(corpus)),
    ...bundles(corpus),
    ...(await successions(corpus)),
    ...(await keyrings(corpus)),
    ...sync,
    ...groups,
    ...cars,
    ...texts,
    ...(await adapters(corpus)),
    ...(await records(corpus)),
  ];
}
