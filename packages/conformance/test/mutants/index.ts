import { contentMutants } from "./contents.ts";
import { declarationMutants } from "./declarations.ts";
import { hostileNameMutants } from "./hostile-names.ts";
import { lagMutants } from "./lag.ts";
import { lifetimeMutants } from "./lifetime.ts";
import type { Mutant } from "./mutant.ts";
import { nameMutants } from "./names.ts";
import { ownershipMutants } from "./ownership.ts";

/** Every broken adapter. */
export const mutants: readonly Mutant[] = [
  ...contentMutants,
  ...ownershipMutants,
  ...declarationMutants,
  ...nameMutants,
  ...hostileNameMutants,
  ...lifetimeMutants,
  ...lagMutants,
];
