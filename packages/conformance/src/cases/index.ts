// All cases of the suite, in the order in which they run.

import type { ConformanceCase } from "../case.ts";
import { togetherCases } from "./both/together.ts";
import { logCases } from "./log/index.ts";
import { nameModelCases } from "./model/names.ts";
import { storageModelCases } from "./model/storage.ts";
import { nameAbortCases } from "./names/abort-points.ts";
import { compareAndSetCases } from "./names/compare-and-set.ts";
import { nameConcurrencyCases } from "./names/concurrency.ts";
import { nameContentCases } from "./names/content.ts";
import { nameDeclarationCases } from "./names/declaration.ts";
import { endlessNameCases } from "./names/endless-answers.ts";
import { equalResolveCases } from "./names/equal-resolves.ts";
import { nameErrorCases } from "./names/errors.ts";
import { hostileNameCases } from "./names/hostile-names.ts";
import { nameInstanceCases } from "./names/instances.ts";
import { nameLifetimeCases } from "./names/lifetime.ts";
import { lookAlikeNameCases } from "./names/look-alikes.ts";
import { looseUpdateCases } from "./names/loose-updates.ts";
import { nameRefusalCases } from "./names/refusals.ts";
import { resolveCases } from "./names/resolve.ts";
import { revisionCases } from "./names/revisions.ts";
import { unansweredNameCases } from "./names/unanswered.ts";
import { nameOutcomeCases } from "./names/unknown-outcome.ts";
import { watchCases } from "./names/watch.ts";
import { watchChangeCases } from "./names/watch-changes.ts";
import { storageAbortCases } from "./storage/abort-points.ts";
import { byteOwnershipCases } from "./storage/byte-ownership.ts";
import { changedContentCases } from "./storage/changed-content.ts";
import { storageDeclarationCases } from "./storage/declaration.ts";
import { deleteAndListCases } from "./storage/delete-and-list.ts";
import { endlessStorageCases } from "./storage/endless-answers.ts";
import { equalReadCases } from "./storage/equal-reads.ts";
import { storageErrorCases } from "./storage/errors.ts";
import { getCases } from "./storage/get.ts";
import { storageInstanceCases } from "./storage/instances.ts";
import { storageLifetimeCases } from "./storage/lifetime.ts";
import { listedAddressCases } from "./storage/listed-addresses.ts";
import { localAbsenceCases } from "./storage/local-absence.ts";
import { longListCases } from "./storage/long-list.ts";
import { nearAddressCases } from "./storage/near-addresses.ts";
import { putCases } from "./storage/put.ts";
import { putManyCases } from "./storage/put-many.ts";
import { putManyUnderFaultCases } from "./storage/put-many-under-fault.ts";
import { rangeCases } from "./storage/ranges.ts";
import { storageRefusalCases } from "./storage/refusals.ts";
import { releaseCases } from "./storage/release.ts";
import { releaseUnderFaultCases } from "./storage/release-under-fault.ts";
import { roundTripCases } from "./storage/round-trip.ts";
import { unansweredStorageCases } from "./storage/unanswered.ts";
import { storageOutcomeCases } from "./storage/unknown-outcome.ts";

/** Every case of the suite, in the order in which they run. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...storageDeclarationCases,
  ...roundTripCases,
  ...putCases,
  ...getCases,
  ...nearAddressCases,
  ...equalReadCases,
  ...localAbsenceCases,
  ...rangeCases,
  ...putManyCases,
  ...byteOwnershipCases,
  ...deleteAndListCases,
  ...longListCases,
  ...listedAddressCases,
  ...releaseCases,
  ...storageInstanceCases,
  ...storageLifetimeCases,
  ...storageAbortCases,
  ...storageRefusalCases,
  ...unansweredStorageCases,
  ...endlessStorageCases,
  ...changedContentCases,
  ...storageOutcomeCases,
  ...releaseUnderFaultCases,
  ...putManyUnderFaultCases,
  ...storageErrorCases,
  ...storageModelCases,
  ...nameDeclarationCases,
  ...resolveCases,
  ...equalResolveCases,
  ...nameContentCases,
  ...compareAndSetCases,
  ...looseUpdateCases,
  ...nameConcurrencyCases,
  ...revisionCases,
  ...hostileNameCases,
  ...lookAlikeNameCases,
  ...watchCases,
  ...watchChangeCases,
  ...nameLifetimeCases,
  ...nameAbortCases,
  ...nameRefusalCases,
  ...unansweredNameCases,
  ...endlessNameCases,
  ...nameOutcomeCases,
  ...nameErrorCases,
  ...nameInstanceCases,
  ...nameModelCases,
  ...togetherCases,
  ...logCases,
];
