import { NameConflictError, type OperationOptions } from "@remote-log/core";
import { unmarshalIPNSRecord } from "ipns";
import type { IpnsName } from "../src/record/ipns-name.ts";
import type { IpnsRoute, RouteGetOptions } from "../src/routes/route.ts";

/** A route that keeps records in a map, and takes those that are newer, as nodes do. Tests bend it as they need it. */
export class MapRoute implements IpnsRoute {
  readonly name: string;
  /** The records, by name. */
  readonly held = new Map<string, Uint8Array>();
  /** What was put, in the order in which it came. */
  readonly puts: Uint8Array[] = [];
  /** How often it was asked. */
  gets = 0;
  /** How often it was closed. */
  closed = 0;
  /** Answers in place of the map. */
  onGet: ((name: IpnsName, options: OperationOptions) => Promise<Uint8Array | undefined>) | undefined;
  /** Takes a record in place of the map. */
  onPut: ((name: IpnsName, record: Uint8Array, options: OperationOptions) => Promise<void>) | undefined;

  constructor(name = "a map") {
    this.name = name;
  }

  async get(name: IpnsName, options: RouteGetOptions): Promise<Uint8Array | undefined> {
    this.gets++;
    return this.onGet === undefined ? this.held.get(name.text) : this.onGet(name, options);
  }

  async put(name: IpnsName, record: Uint8Array, options: OperationOptions): Promise<void> {
    this.puts.push(record);
    return this.onPut === undefined ? this.take(name, record) : this.onPut(name, record, options);
  }

  /** Takes a record where it has no other of the same number or a higher one. */
  async take(name: IpnsName, record: Uint8Array): Promise<void> {
    const held = this.held.get(name.text);
    const same = held !== undefined && Buffer.compare(held, record) === 0;
    if (held !== undefined && !same && sequenceOf(held) >= sequenceOf(record)) {
      throw new NameConflictError("It has a newer one.", { operation: "ipns.put" });
    }
    this.held.set(name.text, new Uint8Array(record));
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

/** The sequence number of a record. */
export function sequenceOf(record: Uint8Array): bigint {
  return unmarshalIPNSRecord(record).sequence;
}

/** Waits for ever, whatever the signal says. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

/** A promise, and what settles it. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
