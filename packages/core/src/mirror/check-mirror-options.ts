// The options of a mirroring, checked before anything is asked.

import { InvalidInputError } from "../errors/index.ts";
import { checkOptionTypes, shown } from "../options/check-option-types.ts";
import {
  bytes,
  callback,
  flag,
  list,
  number,
  type OptionKind,
  record,
  required,
  signal,
  text,
  withMethods,
} from "../options/option-kinds.ts";
import { namesKind, storageKind } from "../remote/remote.ts";
import type { MirrorOptions, MirrorTarget } from "./mirror-options.ts";

type Kinds<Options> = Readonly<Record<keyof Options, OptionKind>>;

const mirrorKinds: Kinds<MirrorOptions> = {
  reader: required(withMethods(["sync"], "a reader, such as `await openReader(…)` returns")),
  to: required(
    record,
    'a remote, such as `fsRemote({ root: "folder" })` of @remote-log/fs returns, or `{ storage }`',
  ),
  known: bytes,
  missing: list,
  resume: flag,
  storeHead: flag,
  retries: number,
  concurrency: number,
  onProgress: callback,
  signal,
};

const targetKinds: Kinds<MirrorTarget> = {
  storage: required(storageKind),
  names: namesKind,
  name: text,
  label: text,
};

const rangeKinds = { from: required(number), to: required(number) };

const operation = "mirror.open";

/**
 * Checks the options of `mirrorLog`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkMirrorOptions(options: MirrorOptions): void {
  checkOptionTypes(options, mirrorKinds, { name: "mirrorLog", operation });
  checkOptionTypes(options.to, targetKinds, { name: "`to`", operation });
  for (const range of options.missing ?? [])
    checkOptionTypes(range, rangeKinds, { name: "`missing`", operation });
  checkCount("concurrency", options.concurrency, 1);
  checkCount("retries", options.retries, 0);
}

function checkCount(name: string, count: number | undefined, least: number): void {
  if (count === undefined || (Number.isSafeInteger(count) && count >= least)) return;
  throw new InvalidInputError(`${name} must be a whole number of at least ${least}, not ${shown(count)}.`, {
    operation,
  });
}
