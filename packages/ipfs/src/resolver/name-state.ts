import type { Address } from "@remote-log/core";
import type { IpnsName } from "../record/ipns-name.ts";
import { compareRecords, expiredFor, type IpnsRecord } from "../record/ipns-record.ts";
import type { NameWithKey } from "../record/name-keys.ts";
import { readRecord } from "../record/read-record.ts";
import { type NamePrivateKey, type RecordContent, signRecord } from "../record/sign-record.ts";

/** What is remembered of a name, for as long as the resolver lives. */
export class NameState {
  /** The name. */
  readonly name: IpnsName;
  /** The key that signs its records, where it is known. */
  readonly key: NamePrivateKey | undefined;
  /** Ends what is still being published in the background. */
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

  /** Takes note of a record that a route has shown, and whose signature was checked. */
  saw(record: IpnsRecord): void {
    if (this.#highest === undefined || compareRecords(record, this.#highest) > 0) this.#highest = record;
  }

  /** Signs a record. What was signed last is not signed anew: who asks twice gets the same bytes. */
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
