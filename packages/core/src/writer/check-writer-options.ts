// The options of a writer, checked before anything is opened.

import { checkWhole } from "../adapter/check-whole.ts";
import { DeviceSeed } from "../crypto/index.ts";
import { InvalidInputError } from "../errors/index.ts";
import { databaseKind } from "../journal/database.ts";
import type { GenesisSettings } from "../log/genesis.ts";
import { checkArgument, checkCount, checkOptionTypes } from "../options/check-option-types.ts";
import {
  bytes,
  callback,
  flag,
  type KindsOf,
  list,
  number,
  type OptionKind,
  oneOf,
  record,
  required,
  signal,
  text,
  withMethods,
} from "../options/option-kinds.ts";
import { REQUEST_MILLISECONDS } from "../remote/deadlines.ts";
import { checkRemotes } from "../remote/remote.ts";
import { faultOfUris } from "../remote/remote-uri.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import type { KeyRotation } from "./epoch-keeper.ts";
import type { GrantOptions } from "./named-readers.ts";
import type { Stage, StageOptions } from "./progress.ts";
import type { RecoverOptions } from "./recover.ts";
import type { RepairOptions } from "./repair.ts";
import type { Retention } from "./retention.ts";
import type { PublishOptions, WriterOptions } from "./writer-options.ts";

/** The longest time of a timer, in milliseconds. */
const LONGEST_TIME = 2 ** 31 - 1;

const writerKinds: KindsOf<WriterOptions> = {
  seed: required(
    { ...bytes, is: (value) => bytes.is(value) || value instanceof DeviceSeed },
    "a Uint8Array of 32 bytes, such as `await loadOrCreateSeed(…)` or `generateSeed()` returns, or a DeviceSeed",
  ),
  journal: required(databaseKind),
  witness: withMethods(
    ["load", "save", "close"],
    "a witness, such as `fileWitness(path)` of @remote-log/fs returns",
  ),
  remotes: list,
  settings: record,
  leastCapacity: number,
  logId: text,
  forRecovery: flag,
  publish: oneOf("auto", "manual"),
  publishedWhen: number,
  rotateKey: record,
  largestEmbedded: number,
  bundles: oneOf("writer", "off"),
  oldPages: oneOf("keep", "delete"),
  largestContent: number,
  requestMilliseconds: number,
  journalMilliseconds: number,
  graceMilliseconds: number,
  retention: record,
};

const retentionKinds: KindsOf<Retention> = { entries: number, milliseconds: number };

const settingsKinds: KindsOf<GenesisSettings> = {
  identifiers: oneOf("sha256", "mvds"),
  visibility: oneOf("public", "private"),
  leafSize: number,
  fanOut: number,
  padding: oneOf("padme", "none"),
};

const rotationKinds: KindsOf<KeyRotation> = { afterEntries: number, afterMilliseconds: number };
const grantKinds: KindsOf<GrantOptions> = { signal, withHistory: flag };

const operationKinds: KindsOf<OperationOptions> = { signal };
const appendKinds: KindsOf<OperationOptions & { readonly snapshot?: boolean }> = { signal, snapshot: flag };
const publishKinds: KindsOf<PublishOptions> = {
  signal,
  whole: flag,
  othersMilliseconds: number,
};
const repairKinds: KindsOf<RepairOptions> = { signal, remote: text, reads: flag, onProgress: callback };
const recoverKinds: KindsOf<RecoverOptions> = { signal, acceptLoss: flag };
const someRemotes: OptionKind = {
  is: (value) => value === "any" || value === "all" || number.is(value),
  expected: '"any", "all", or a number of remotes',
};
const stageKinds: KindsOf<StageOptions> = { signal, remotes: someRemotes };

/**
 * Checks what a writer is opened with.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkWriterOptions(options: WriterOptions): void {
  checkOptionTypes(options, writerKinds, { name: "openWriter", operation: "writer.open" });
  if (options.settings !== undefined) {
    checkOptionTypes(options.settings, settingsKinds, { name: "the settings", operation: "writer.open" });
  }
  if (options.rotateKey !== undefined) {
    const { rotateKey } = options;
    checkOptionTypes(rotateKey, rotationKinds, { name: "rotateKey", operation: "writer.open" });
    const { afterEntries = 1, afterMilliseconds = 1 } = rotateKey;
    checkCount(afterEntries, { name: "`afterEntries`", operation: "writer.open", least: 1 });
    checkCount(afterMilliseconds, { name: "`afterMilliseconds`", operation: "writer.open", least: 1 });
  }
  if (options.remotes !== undefined && options.remotes.length > 0) checkRemotes(options.remotes);
  const { publishedWhen, remotes = [], requestMilliseconds = REQUEST_MILLISECONDS } = options;
  if (publishedWhen !== undefined)
    checkWhole({ publishedWhen }, { operation: "writer.open", largest: remotes.length });
  checkWhole({ requestMilliseconds }, { operation: "writer.open", largest: LONGEST_TIME });
  if (options.retention !== undefined) checkRetention(options.retention, "writer.open");
  const { graceMilliseconds = 0 } = options;
  checkWhole({ graceMilliseconds }, { operation: "writer.open", least: 0, largest: Number.MAX_SAFE_INTEGER });
}

/**
 * Checks the options of a call of a writer, or of a receipt.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkCallOptions(options: unknown, call: WriterCall): void {
  checkOptionTypes(options, callKinds[call], { name: call, operation: `writer.${call}` });
}

/**
 * Checks the options of a publish.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkPublishOptions(options: PublishOptions): PublishOptions {
  checkCallOptions(options, "publish");
  const { othersMilliseconds = 0 } = options;
  checkWhole({ othersMilliseconds }, { operation: "writer.publish", least: 0, largest: LONGEST_TIME });
  return options;
}

/**
 * Checks how much of a log is to be kept.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkRetention(retention: Retention, operation: string): void {
  checkOptionTypes(retention, retentionKinds, { name: "the retention", operation });
  const { entries = 0, milliseconds = 0 } = retention;
  checkWhole({ entries, milliseconds }, { operation, least: 0, largest: Number.MAX_SAFE_INTEGER });
  if (retention.entries !== undefined || retention.milliseconds !== undefined) return;
  throw new InvalidInputError("A retention needs `entries`, `milliseconds`, or both. Nothing was removed.", {
    operation,
  });
}

type WriterCall =
  | "append"
  | "appendAll"
  | "remove"
  | "keepNewest"
  | "publish"
  | "compare"
  | "watch"
  | "repair"
  | "recover"
  | "grant"
  | "revoke"
  | "rotateSigningKey"
  | Stage;

const callKinds: Readonly<Record<WriterCall, Readonly<Record<string, OptionKind>>>> = {
  append: appendKinds,
  appendAll: operationKinds,
  remove: operationKinds,
  keepNewest: operationKinds,
  publish: publishKinds,
  compare: operationKinds,
  watch: operationKinds,
  repair: repairKinds,
  recover: recoverKinds,
  grant: grantKinds,
  revoke: operationKinds,
  rotateSigningKey: operationKinds,
  stored: stageKinds,
  published: stageKinds,
  confirmed: stageKinds,
};

/**
 * Checks that URIs of remotes are an array of what a link can hold.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkUriList(uris: readonly string[]): void {
  const isList = (value: unknown): boolean =>
    list.is(value) && (value as unknown[]).every((uri) => text.is(uri));
  const kind = { is: isList, expected: "an array of URIs, each a string" };
  const operation = "writer.setRemotes";
  checkArgument(uris, kind, { name: "The remotes", operation });
  const fault = faultOfUris(uris);
  if (fault === undefined) return;
  throw new InvalidInputError(`The list of remotes can't be used: ${fault}.`, { operation });
}

/**
 * Checks that recipients are an array of texts.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkRecipientList(recipients: unknown, call: "grant" | "revoke"): void {
  const operation = `writer.${call}`;
  checkArgument(recipients, list, { name: "The recipients", operation });
  for (const one of recipients as unknown[]) checkArgument(one, text, { name: "A recipient", operation });
}

/**
 * Checks that contents to append are an array.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkContents(contents: unknown): void {
  checkArgument(contents, list, { name: "The contents", operation: "writer.append" });
}

/**
 * Checks that the label of a remote is a text.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkLabel(label: unknown): void {
  checkArgument(label, text, { name: "The label", operation: "writer.forgetRemote" });
}
