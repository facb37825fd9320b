// What is remembered of one name: the highest record that was seen, and the last one that was signed.

import type { Address } from "@remote-log/core";
import type { IpnsName } from "../record/ipns-name.ts";
import { compareRecords, expiredFor, type IpnsRecord } from "../record/ipns-record.ts";
import type { NameWithKey } from "../record/name-keys.ts";
import { readRecord } from "../record/read-record.ts";
import { type NamePrivateKey, type RecordContent, signRecord } from "../record/sign-record.ts";

/** What is remembered of a name, as long as the resolver lives. */
export class NameState {
  /** The name. */
  readonly name: IpnsName;
  /** The key that signs its records, if it is known. */
  readonly key: NamePrivateKey | undefined;
  /** Ends the publishing that still runs in the background. */
  background: AbortController | undefined;
  #highest: IpnsRecord | undefined;
  #signed: IpnsRecord | undefined;

  constructor({ name, key }: NameWithKey) {
    this.name = name;
    this.key = key;
  }

  /** The highest record that any route has shown so far. */
  get highest(): IpnsRecord | undefined {
    return this.#highest;
  }

  /** Remembers a record that a route has shown, if it is the highest. Its signature was verified. */
  saw(record: IpnsRecord): void {
    if (this.#highest === undefined || compareRecords(record, this.#highest) > 0) this.#highest = record;
  }

  /** The lowest sequence number that is believed: that of what the caller knows, or of what was seen before. */
  floor(known = 0n): bigint {
    const seen = this.#highest?.sequence ?? 0n;
    return seen > known ? seen : known;
  }

  /** Signs a record. A second call for the same content gives the same bytes, as long as they are valid. */
  async sign(key: NamePrivateKey, content: RecordContent): Promise<IpnsRecord> {
    const last = this.#signed;
    if (
      last?.sequence === content.sequence &&
      isOf(last, content.address) &&
      expiredFor(last) === undefined
    ) {
      return last;
    }
    const record = await readRecord(await signRecord(key, content), this.name);
    this.#signed = record;
    return record;
  }
}

function isOf(record: IpnsRecord, address: Address): boolean {
  return record.address?.equals(address) === true;
}
