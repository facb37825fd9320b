// All figures of a run, as they are counted.

import { Bytes, Deliveries } from "./outcome.ts";
import type { Records } from "./payload-bytes.ts";

/** What is counted in a run. */
export class Tally {
  readonly bytes: Bytes = new Bytes();
  readonly records: Records = { offers: 0, requests: 0, messages: 0, acks: 0 };
  readonly deliveries: Deliveries = new Deliveries();
  /** Requests to a remote, and what is stored there in the end. */
  writes = 0;
  reads = 0;
  storedBytes = 0;
  readBytes = 0;
  /** For how long the radios of all devices were on, in milliseconds. */
  radioMilliseconds = 0;
  /** The bytes of a message, and for how many it is. */
  readonly payloadBytes: number;
  readonly recipients: number;

  constructor(payloadBytes: number, recipients: number) {
    this.payloadBytes = payloadBytes;
    this.recipients = recipients;
  }

  /** Forgets what was counted. */
  reset(): void {
    this.bytes.reset();
    this.deliveries.reset();
    this.writes = 0;
    this.reads = 0;
    this.readBytes = 0;
  }

  /** How often messages should have arrived. */
  get expected(): number {
    return this.deliveries.messages * this.recipients;
  }

  /** All bytes by anyone for each byte of a message and recipient. */
  get multiplier(): number {
    return this.bytes.total / (this.expected * this.payloadBytes);
  }

  /** Records that were sent, for each message and recipient: what was called the multiplier in 2019. */
  get recordsPerMessage(): number {
    const { offers, requests, messages, acks } = this.records;
    return (offers + requests + messages + acks) / this.expected;
  }
}
