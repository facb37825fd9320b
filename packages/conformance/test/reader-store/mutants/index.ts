// Every broken store.

import { comparingMutants } from "./comparing.ts";
import { lifetimeMutants } from "./lifetime.ts";
import { placeMutants } from "./places.ts";
import type { StoreMutant } from "./sound.ts";
import { valueMutants } from "./values.ts";

/** Every broken store, with the cases that have to find it. */
export const storeMutants: readonly StoreMutant[] = [
  ...valueMutants,
  ...comparingMutants,
  ...lifetimeMutants,
  ...placeMutants,
];
