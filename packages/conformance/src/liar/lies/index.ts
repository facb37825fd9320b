// All lies.

export { type Change, empty, extend, flipBit, replace, truncate } from "./changes.ts";
export {
  changedContents,
  endless,
  type OtherRange,
  otherRanges,
  swappedContents,
  vanishedContents,
  type Which,
} from "./contents.ts";
export { absentName, changedName, olderName, shownName, unchangedName } from "./names.ts";
export {
  type Around,
  doneButFailed,
  everyCall,
  failed,
  keptNothing,
  otherOutcomes,
  silent,
  slow,
} from "./outcomes.ts";
