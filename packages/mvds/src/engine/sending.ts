// A message of this node's own; 2/MVDS, "Flow", and 4/MVDS-META, "Usage".

import { InvalidInputError, type MvdsMessage, mvdsMessageId, TooLargeError } from "@remote-log/core";
import { checkOptionTypes, optionKinds } from "@remote-log/core/adapter";
import { hexOf } from "../bytes.ts";
import { ID_BYTES } from "../wire/payload.ts";
import { type Group, isBelowFloor } from "./groups.ts";
import { factsOf, isKnown, keepMessage } from "./messages.ts";
import { messageCost } from "./outgoing.ts";
import type { State } from "./state.ts";
import type { Step } from "./store.ts";

/** Options of `send`. */
export interface SendOptions {
  /**
   * Ids of the messages that this one depends on, which must be known. Default: those of the group that no other has as a parent,
   * as 4/MVDS-META says, and at most `maxParents` of them.
   */
  readonly parents?: readonly Uint8Array[] | undefined;
  /** Whether it is sent once to those who are there, and neither kept, acknowledged nor written to a log. Default false. */
  readonly ephemeral?: boolean | undefined;
  /** When it was made. Default: now, in seconds since 1970; one more if the same content was sent in the same second. */
  readonly timestamp?: bigint | undefined;
}

const sendKinds: optionKinds.KindsOf<SendOptions> = {
  parents: optionKinds.list,
  ephemeral: optionKinds.flag,
  timestamp: { is: (value) => typeof value === "bigint", expected: "a bigint, such as `1_800_000_000n`" },
};

/** What `send` returns. */
export interface SentMessage {
  /** Its id, 32 bytes. */
  readonly id: Uint8Array;
  readonly timestamp: bigint;
  readonly parents: readonly Uint8Array[];
}

/** Makes a message, and begins to send it to the members of its group. */
export async function sendMessage(
  state: State,
  step: Step,
  groupId: Uint8Array,
  body: Uint8Array,
  options: SendOptions,
): Promise<SentMessage> {
  checkOptionTypes(options, sendKinds, { name: "send", operation: "mvds.send" });
  const { groups, records, reactions, outbox } = state;
  const group = groupId instanceof Uint8Array ? groups.of(groupId) : undefined;
  if (group === undefined) throw refused("The group is not known here: call `setGroup` first.");
  if (!(body instanceof Uint8Array)) throw refused("The body of a message must be a Uint8Array.");
  const { message, id } = await makeMessage(state, step, group, body, options);
  if (message.ephemeral) {
    for (const peer of group.members) reactions.send(peer, { id, message });
  } else {
    keepMessage(step, group, id, message, { held: false, peer: "", place: undefined }, state.options.now());
    groups.addHead(step, group, id, message);
    outbox.add(step, id);
    for (const peer of group.members) records.begin(step, peer, id, modeOf(state, peer), state.epoch);
  }
  return { id, timestamp: message.timestamp, parents: message.parents };
}

async function makeMessage(
  state: State,
  step: Step,
  group: Group,
  body: Uint8Array,
  { parents, ephemeral = false, timestamp }: SendOptions,
): Promise<{ message: MvdsMessage; id: Uint8Array }> {
  const { groups, options } = state;
  for (const parent of parents ?? []) {
    const facts =
      parent instanceof Uint8Array && parent.length === ID_BYTES ? await factsOf(step, parent) : undefined;
    if (facts === undefined || hexOf(facts.groupId) !== hexOf(group.id))
      throw refused(
        "A parent must be the id of a message of this group that is known here, and that is not ephemeral.",
      );
  }
  const maxParents = ephemeral ? 0 : options.limits.maxParents;
  const ids = (parents ?? groups.heads(group, maxParents)).map((parent) => parent.slice());
  let time = timestamp ?? BigInt(Math.floor(options.now()));
  const make = (): MvdsMessage => ({
    groupId: group.id,
    timestamp: time,
    body: body.slice(),
    parents: ids,
    ephemeral,
  });
  let message = make();
  let id = mvdsMessageId(message);
  // Two messages of the same second with the same content would be one; and one as old as what was forgotten would be taken for it.
  while (!ephemeral && ((await isKnown(step, id)) || isBelowFloor(group, { timestamp: time, id }))) {
    if (timestamp !== undefined)
      throw refused(
        "There is such a message, or the group has forgotten newer ones: give another timestamp.",
      );
    const { floor } = group;
    time = floor !== undefined && time < floor.timestamp ? floor.timestamp : time + 1n;
    message = make();
    id = mvdsMessageId(message);
  }
  const { maxPayloadBytes } = options.limits;
  if (messageCost(state, message) > maxPayloadBytes) {
    throw new TooLargeError(
      `The message does not fit into a payload of ${maxPayloadBytes} bytes. Send less, or a reference to it; or raise \`maxPayloadBytes\` everywhere.`,
      { operation: "mvds.send", limit: maxPayloadBytes },
    );
  }
  return { message, id };
}

function modeOf({ options }: State, peer: string): "message" | "offer" {
  return options.modeOf(peer) === "batch" ? "message" : "offer";
}

function refused(message: string): InvalidInputError {
  return new InvalidInputError(message, { operation: "mvds.send" });
}
