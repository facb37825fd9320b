import { abortPointMutants } from "./abort-points.ts";
import { answerMutants } from "./answers.ts";
import { contentMutants } from "./contents.ts";
import { declarationMutants } from "./declarations.ts";
import { endlessAnswerMutants } from "./endless-answers.ts";
import { equalOperationMutants } from "./equal-operations.ts";
import { errorMutants } from "./errors.ts";
import { faultOutcomeMutants } from "./fault-outcomes.ts";
import { faultMutants } from "./faults.ts";
import { hostileNameMutants } from "./hostile-names.ts";
import { lagMutants } from "./lag.ts";
import { lifetimeMutants } from "./lifetime.ts";
import { localAbsenceMutants } from "./local-absence.ts";
import { logMutants } from "./log.ts";
import { looseNameMutants } from "./loose-names.ts";
import { modelMutants } from "./model.ts";
import type { Mutant } from "./mutant.ts";
import { nameMutants } from "./names.ts";
import { nearAddressMutants } from "./near-addresses.ts";
import { ownershipMutants } from "./ownership.ts";
import { putManyMutants } from "./put-many.ts";
import { rangeMutants } from "./ranges.ts";
import { releaseMutants } from "./release.ts";
import { rememberingMutants } from "./remembering.ts";
import { updateMutants } from "./updates.ts";
import { watchMutants } from "./watches.ts";

/** Every broken adapter. */
export const mutants: readonly Mutant[] = [
  ...contentMutants,
  ...ownershipMutants,
  ...declarationMutants,
  ...nameMutants,
  ...hostileNameMutants,
  ...lifetimeMutants,
  ...abortPointMutants,
  ...faultMutants,
  ...faultOutcomeMutants,
  ...endlessAnswerMutants,
  ...lagMutants,
  ...logMutants,
  ...modelMutants,
  ...answerMutants,
  ...releaseMutants,
  ...rangeMutants,
  ...putManyMutants,
  ...rememberingMutants,
  ...localAbsenceMutants,
  ...looseNameMutants,
  ...nearAddressMutants,
  ...equalOperationMutants,
  ...updateMutants,
  ...watchMutants,
  ...errorMutants,
];
