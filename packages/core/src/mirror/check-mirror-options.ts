// The options of a mirroring, checked before anything is asked.

import { checkCount, checkOptionTypes } from "../options/check-option-types.ts";
import {
  bytes,
  callback,
  flag,
  type KindsOf,
  list,
  number,
  oneOf,
  record,
  required,
  signal,
  text,
  withMethods,
} from "../options/option-kinds.ts";
import { namesKind, storageKind } from "../remote/remote.ts";
import type { MirrorCosigning, MirrorOptions, MirrorTarget } from "./mirror-options.ts";

const mirrorKinds: KindsOf<MirrorOptions> = {
  reader: required(withMethods(["sync"], "a reader, such as `await openReader(…)` returns")),
  to: required(
    record,
    'a remote, such as `fsRemote({ root: "folder" })` of @remote-log/fs returns, or `{ storage }`',
  ),
  known: bytes,
  missing: list,
  resume: flag,
  storeHead: flag,
  bundles: oneOf("copied", "made"),
  cosign: record,
  retries: number,
  concurrency: number,
  onProgress: callback,
  onRetry: callback,
  signal,
};

const targetKinds: KindsOf<MirrorTarget> = {
  storage: required(storageKind),
  names: namesKind,
  name: text,
  label: text,
};

const cosignKinds: KindsOf<MirrorCosigning> = {
  by: required(withMethods(["cosign"], "a `Cosigner` of @remote-log/core/cosign")),
  readBack: bytes,
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
  const { concurrency, retries, cosign } = options;
  if (cosign !== undefined) checkOptionTypes(cosign, cosignKinds, { name: "`cosign`", operation });
  if (concurrency !== undefined) checkCount(concurrency, { name: "concurrency", operation, least: 1 });
  if (retries !== undefined) checkCount(retries, { name: "retries", operation });
}
