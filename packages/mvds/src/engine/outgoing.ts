// The payload of each peer in an epoch; 2/MVDS, "Flow" and "Retransmission".

import type { MvdsMessage } from "@remote-log/core";
import { PAYLOAD_FIELDS } from "../wire/dialect.ts";
import { elementCost, encodedMessage, encodePayload, ID_BYTES } from "../wire/payload.ts";
import { messageOf } from "./messages.ts";
import type { PeerRecord } from "./records.ts";
import type { State } from "./state.ts";
import type { Step } from "./store.ts";

/** The longest wait, in epochs. */
const LONGEST_WAIT = 2 ** 31;

/** A payload, and the peer that it is for. */
export interface Outgoing {
  readonly peer: string;
  readonly payload: Uint8Array;
}

/** The bytes that a message takes in a payload. */
export function messageCost({ options }: State, message: MvdsMessage): number {
  const fields = PAYLOAD_FIELDS[options.dialect];
  return elementCost(fields.messages, encodedMessage(message, fields).length);
}

/** Makes the payloads of an epoch: one at most for each peer, and none without something to say. */
export async function makePayloads(
  state: State,
  step: Step,
  skip?: ReadonlySet<string>,
): Promise<Outgoing[]> {
  const { records, reactions } = state;
  const payloads: Outgoing[] = [];
  for (const peer of new Set([...records.peers, ...reactions.peers])) {
    if (skip?.has(peer) === true) continue;
    const payload = await makePayload(state, step, peer);
    if (payload !== undefined) payloads.push({ peer, payload });
  }
  return payloads;
}

async function makePayload(state: State, step: Step, peer: string): Promise<Uint8Array | undefined> {
  const { options, records, reactions } = state;
  const fields = PAYLOAD_FIELDS[options.dialect];
  let room = options.limits.maxPayloadBytes;
  const take = (cost: number): boolean => {
    if (cost > room) return false;
    room -= cost;
    return true;
  };
  const idCost = elementCost(fields.requests, ID_BYTES);
  const offers: Uint8Array[] = [];
  const requests: Uint8Array[] = [];
  const messages: MvdsMessage[] = [];

  const acks = reactions.takeAcks(peer, Math.floor(room / idCost));
  room -= acks.length * idCost;
  messages.push(...reactions.takeEphemerals(peer, (message) => take(messageCost(state, message))));
  // What does not fit is due in the next epoch still. After a message that does not fit no other one is sent before it.
  let isFull = false;
  for (const record of records.due(peer, state.epoch)) {
    const most = record.type === "request" ? options.maxRequestCount : options.maxSendCount;
    if (record.count >= most) {
      records.giveUp(step, peer, record, "count");
    } else if (record.type !== "message") {
      if (!take(idCost)) continue;
      (record.type === "offer" ? offers : requests).push(record.id);
      sent(state, step, peer, record);
    } else if (!isFull) {
      const message = await messageOf(step, record.id);
      const cost = message === undefined ? 0 : messageCost(state, message);
      if (message === undefined) records.giveUp(step, peer, record, "message-gone");
      else if (cost > options.limits.maxPayloadBytes) records.giveUp(step, peer, record, "too-large");
      else if (take(cost)) {
        messages.push(message);
        sent(state, step, peer, record);
      } else isFull = true;
    }
  }
  if (acks.length + offers.length + requests.length + messages.length === 0) return undefined;
  return encodePayload({ acks, offers, requests, messages }, options.dialect);
}

/** Counts that a record is sent now, and says when it is sent again. */
function sent({ records, options, epoch }: State, step: Step, peer: string, record: PeerRecord): void {
  const count = record.count + 1;
  const given = Math.floor(options.backOff(count - record.base, options.random));
  // Whatever a function of the caller's returns.
  const wait = given >= 1 ? Math.min(given, LONGEST_WAIT) : 1;
  records.change(step, peer, { ...record, count, sendEpoch: epoch + wait });
}
