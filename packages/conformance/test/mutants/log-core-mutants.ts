import type { CoreMutant } from "./log-core.ts";
import { readerMutants } from "./log-readers.ts";
import { writerMutants } from "./log-writers.ts";

/** Every broken core. */
export const coreMutants: readonly CoreMutant[] = [...readerMutants, ...writerMutants];
