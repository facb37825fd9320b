import type { ConformanceCase } from "../case.ts";
import { togetherCases } from "./both/together.ts";
import { compareAndSetCases } from "./names/compare-and-set.ts";
import { nameContentCases } from "./names/content.ts";
import { nameDeclarationCases } from "./names/declaration.ts";
import { hostileNameCases } from "./names/hostile-names.ts";
import { nameLifetimeCases } from "./names/lifetime.ts";
import { resolveCases } from "./names/resolve.ts";
import { watchCases } from "./names/watch.ts";
import { byteOwnershipCases } from "./storage/byte-ownership.ts";
import { storageDeclarationCases } from "./storage/declaration.ts";
import { deleteAndListCases } from "./storage/delete-and-list.ts";
import { getCases } from "./storage/get.ts";
import { storageLifetimeCases } from "./storage/lifetime.ts";
import { putCases } from "./storage/put.ts";
import { roundTripCases } from "./storage/round-trip.ts";

/** Every case of the suite, in the order in which they run. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...storageDeclarationCases,
  ...roundTripCases,
  ...putCases,
  ...getCases,
  ...byteOwnershipCases,
  ...deleteAndListCases,
  ...storageLifetimeCases,
  ...nameDeclarationCases,
  ...resolveCases,
  ...nameContentCases,
  ...compareAndSetCases,
  ...hostileNameCases,
  ...watchCases,
  ...nameLifetimeCases,
  ...togetherCases,
];
