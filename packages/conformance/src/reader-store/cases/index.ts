// All cases for readers' stores, in their order.

import type { ReaderStoreCase } from "../case.ts";
import { compareAndSetCases } from "./compare-and-set.ts";
import { instanceCases } from "./instances.ts";
import { lifetimeCases } from "./lifetime.ts";
import { readerCases } from "./readers.ts";
import { valueCases } from "./values.ts";

/** Every promise of a reader's store, as data. */
export const readerStoreCases: readonly ReaderStoreCase[] = [
  ...valueCases,
  ...compareAndSetCases,
  ...lifetimeCases,
  ...instanceCases,
  ...readerCases,
];
