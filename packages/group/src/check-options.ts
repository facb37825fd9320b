// The options of a group and of its calls, checked where they come in.

import { InvalidInputError, type OperationOptions } from "@remote-log/core";
import {
  checkArgument,
  checkOptionTypes,
  checkWhole,
  type OptionKind,
  optionKinds,
} from "@remote-log/core/adapter";
import type { AttachOptions } from "./attachments/attach.ts";
import type { ValueForm } from "./codec.ts";
import type { AppendMessageOptions, InviteOptions, MessagesOptions } from "./group-options.ts";
import type { GroupOptions } from "./options.ts";
import { LONGEST_TYPE, MOST_ATTACHMENTS } from "./wire/envelope.ts";
import { LARGEST_NUMBER } from "./wire/position.ts";

const { bytes, callback, flag, list, number, oneOf, record, required, signal, text, withMethods } =
  optionKinds;

const database = withMethods(
  ["open", "close", "get", "batch", "iterator"],
  'an abstract-level database, such as `new ClassicLevel("folder")` of classic-level in Node.js or ' +
    '`new BrowserLevel("name")` of browser-level in browsers',
);

const groupKinds: optionKinds.KindsOf<GroupOptions<unknown>> = {
  seed: required(
    bytes,
    "a Uint8Array of 32 bytes, such as `await loadOrCreateSeed(…)` or `generateSeed()` returns",
  ),
  journal: required(database),
  store: required(database),
  codec: required(withMethods(["encode", "decode"], "a codec, such as `jsonCodec()` returns")),
  remotes: {
    ...callback,
    expected:
      'a function that opens remotes, such as `() => [{ remote: fsRemote({ root }), uri: "file:…" }]`',
  },
  schemes: { ...record, expected: 'an object such as `{ "s3:": publicS3RemoteFromUri }`' },
  invite: { ...text, expected: "a string, as `group.invite()` of a member returns it" },
  name: text,
  sync: oneOf("auto", "manual"),
  pollMilliseconds: number,
  retries: number,
  now: callback,
  onStatus: callback,
  onUndecodable: callback,
  onWithdrawn: callback,
};

const formKinds: optionKinds.KindsOf<ValueForm> = { type: required(text), version: required(number) };

/**
 * Checks what a group is opened with.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkGroupOptions<T>(options: GroupOptions<T>): void {
  const operation = "group.open";
  checkOptionTypes(options, groupKinds, { name: "openGroup", operation });
  const { codec, retries = 0, schemes = {} } = options;
  checkOptionTypes(codec, formKinds, { name: "the codec", operation });
  checkWhole({ version: codec.version }, { operation, least: 0, largest: LARGEST_NUMBER });
  if (codec.type.length > LONGEST_TYPE)
    throw new InvalidInputError(
      `The \`type\` of the codec has at most ${LONGEST_TYPE} characters, not ${codec.type.length}.`,
      { operation },
    );
  checkWhole({ retries }, { operation, least: 0, largest: Number.MAX_SAFE_INTEGER });
  for (const [scheme, open] of Object.entries(schemes as Readonly<Record<string, unknown>>)) {
    const name = `\`schemes[${JSON.stringify(scheme)}]\` of openGroup`;
    checkArgument(open, { ...callback, expected: "a function that opens a remote" }, { name, operation });
    if (!/^[^:]+:$/.test(scheme))
      throw new InvalidInputError(`${name}: a scheme ends with its colon, such as "s3:".`, { operation });
  }
}

/**
 * Checks the remotes that `remotes` of an application opened.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkRemotesOfLog(opened: unknown): void {
  const operation = "group.open";
  checkArgument(opened, list, { name: "What `remotes` of openGroup returns", operation });
  const kinds = { remote: required(record), uri: required(text, 'a URI, such as "s3:bucket/prefix"') };
  for (const one of opened as unknown[])
    checkOptionTypes(one, kinds, { name: "what `remotes` of openGroup returns", operation });
}

type GroupCall =
  | "append"
  | "attach"
  | "invite"
  | "messages"
  | "remove"
  | "sync"
  | "takeBackInvitation"
  | "watch";

const appendKinds: optionKinds.KindsOf<AppendMessageOptions> = { signal, attachments: list };
const attachKinds: optionKinds.KindsOf<AttachOptions> = { signal, resume: text, onProgress: callback };
const messagesKinds: optionKinds.KindsOf<MessagesOptions> = { signal, live: flag };
const operationKinds: optionKinds.KindsOf<OperationOptions> = { signal };
const inviteKinds: optionKinds.KindsOf<InviteOptions> = {
  signal,
  admin: flag,
  history: flag,
  ownDevice: flag,
  validMilliseconds: number,
};

const callKinds: Readonly<Record<GroupCall, Readonly<Record<string, OptionKind>>>> = {
  append: appendKinds,
  attach: attachKinds,
  invite: inviteKinds,
  messages: messagesKinds,
  remove: operationKinds,
  sync: operationKinds,
  takeBackInvitation: operationKinds,
  watch: operationKinds,
};

/**
 * Checks the options of a call.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkCallOptions(options: unknown, call: GroupCall): void {
  checkOptionTypes(options, callKinds[call], { name: call, operation: `group.${call}` });
}

/**
 * Checks what a message is made of, before it is given a number: what the others could not read would stay in the log.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkMessage(body: unknown, attachments: readonly unknown[]): void {
  const operation = "group.append";
  checkArgument(body, bytes, { name: "What `encode` of the codec returns", operation });
  if (attachments.length > MOST_ATTACHMENTS)
    throw new InvalidInputError(
      `A message has at most ${MOST_ATTACHMENTS} attachments, not ${attachments.length}.`,
      { operation },
    );
}

/**
 * Checks what is to be attached.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkSource(source: unknown): void {
  const kind = {
    is: (value: unknown) =>
      typeof value === "object" &&
      value !== null &&
      (Symbol.asyncIterator in value || Symbol.iterator in value || "getReader" in value),
    expected: "a Uint8Array, a stream of them such as `blob.stream()`, or something that can be iterated",
  };
  checkArgument(source, kind, { name: "What is attached", operation: "group.attach" });
}
