// What the drivers of this package have in common: each works in one area of a folder.

import type { NameDriver, StorageDriver } from "@remote-log/core/adapter";
import { fromErrno } from "./errors.ts";
import type { CheckedOptions } from "./options.ts";
import { Root } from "./root.ts";

/** The largest value of a name, in bytes, unless the options say otherwise. */
export const LARGEST_NAME_VALUE: number = 1024 * 1024;

/** A driver that works in one area of a folder. */
export abstract class InFolder
  implements Pick<StorageDriver & NameDriver, "place" | "preposition" | "interruption" | "translate">
{
  readonly place: string;
  readonly preposition = "in";
  // What was begun with a file is not left half-way.
  readonly interruption = "cooperative";
  readonly translate: typeof fromErrno = fromErrno;
  protected readonly options: CheckedOptions;
  protected readonly root: Root;

  /** @param area - the folder below the root: `"contents"` or `"names"` */
  constructor(options: CheckedOptions, area: string) {
    this.options = options;
    this.place = options.root;
    this.root = new Root(options, area);
  }
}
