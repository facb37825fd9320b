import type {
  NameCapabilities,
  NameResolver,
  OperationOptions,
  Resolution,
  ResolveOptions,
  Revision,
  StorageBackend,
  UpdateOptions,
} from "@remote-log/core";
import { Lifetime } from "@remote-log/core/adapter";
import type { IpnsNames } from "../names.ts";
import type { IpnsRecord } from "../record/ipns-record.ts";
import { gatewayFailure, readOnly } from "./errors.ts";

/** Names that can only be read, whatever the resolver below could do. */
export class ReadOnlyNames implements NameResolver {
  readonly name = "ipns by gateway";
  readonly capabilities: NameCapabilities;
  readonly #names: IpnsNames;
  readonly #lifetime: Lifetime;

  /**
   * @param names - closed with this one
   * @param heads - what they read large heads from; closed with this one
   */
  constructor(names: IpnsNames, heads: StorageBackend) {
    this.#names = names;
    this.capabilities = Object.freeze({
      ...names.capabilities,
      compareAndSet: "none",
      readYourWrites: false,
      watch: false,
    });
    this.#lifetime = new Lifetime({
      what: "name resolver",
      translate: gatewayFailure,
      release: async () => {
        await names.close?.();
        await heads.close?.();
      },
    });
  }

  async update(_name: string, _content: Uint8Array, { signal }: UpdateOptions): Promise<Revision> {
    const context = { operation: "names.update", action: "updating a name at a gateway" };
    return this.#lifetime.run(context, signal, () => Promise.reject(readOnly(context)));
  }

  async resolve(name: string, options: ResolveOptions = {}): Promise<Resolution> {
    const context = { operation: "names.resolve", action: "resolving a name at a gateway" };
    return this.#lifetime.run(context, options.signal, (signal) =>
      this.#names.resolve(name, { ...options, signal }),
    );
  }

  /** The signed record of a name, for whoever carries it elsewhere: the highest that any gateway shows. */
  async record(name: string, options: OperationOptions = {}): Promise<IpnsRecord | undefined> {
    const context = { operation: "ipns.get", action: "reading the record of a name at a gateway" };
    return this.#lifetime.run(context, options.signal, (signal) => this.#names.record(name, { signal }));
  }

  async close(): Promise<void> {
    await this.#lifetime.close();
  }
}
