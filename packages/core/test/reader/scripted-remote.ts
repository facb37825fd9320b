import {
  type Address,
  type GetOptions,
  hashTypeOf,
  type NameResolver,
  NotFoundError,
  type Remote,
  type Resolution,
  type ResolveOptions,
  rawSha256,
  type StorageBackend,
  TooLargeError,
  UnsupportedError,
} from "../../src/index.ts";

/** A name system that shows whatever a test tells it to, and counts. It looks at nothing that it shows. */
export class ScriptedNames implements NameResolver {
  readonly name = "scripted";
  readonly capabilities: NameResolver["capabilities"];
  /** What each resolve asked for, in order. */
  readonly asked: ResolveOptions[] = [];
  #answer: () => Promise<Resolution>;
  #revision = 0;

  constructor(head?: Uint8Array, readYourWrites = true) {
    this.capabilities = {
      compareAndSet: "none",
      readYourWrites,
      largestContent: 2 ** 20,
      watch: false,
    };
    this.#answer = async () => ({ status: "absent" });
    if (head !== undefined) this.show(head);
  }

  /** Shows a content under a revision of its own from now on. */
  show(content: Uint8Array, revision = `${++this.#revision}`): void {
    this.#answer = async () => ({ status: "found", content: content.slice(), revision });
  }

  /** Answers so from now on, whatever was asked. */
  answer(resolution: Resolution): void {
    this.#answer = async () => resolution;
  }

  /** Fails so from now on. */
  fail(error: unknown): void {
    this.#answer = () => Promise.reject(error);
  }

  async resolve(_name: string, options: ResolveOptions = {}): Promise<Resolution> {
    this.asked.push(options);
    options.signal?.throwIfAborted();
    const resolution = await this.#answer();
    if (resolution.status !== "found" || resolution.revision !== options.known) return resolution;
    return { status: "unchanged", revision: resolution.revision };
  }

  async update(): Promise<string> {
    throw new UnsupportedError("A scripted name is set by the test.", { operation: "names.update" });
  }
}

/** A storage whose every read a test can look at, or answer. It does not check what it returns. */
export class ScriptedStorage implements StorageBackend {
  readonly name = "scripted";
  readonly capabilities: StorageBackend["capabilities"];
  /** Texts of the addresses that were read, in order. */
  readonly reads: string[] = [];
  /** The `maxBytes` of each read, in order. */
  readonly limits: (number | undefined)[] = [];
  /** Reads under way. */
  inFlight = 0;
  /** The most reads that were under way at once. */
  mostInFlight = 0;
  /** Called before each read; what it returns is returned instead, what it throws is thrown. */
  before: (address: Address, options: GetOptions) => Promise<Uint8Array | undefined> | undefined = () =>
    undefined;
  readonly #contents: ReadonlyMap<string, Uint8Array>;

  constructor(contents: ReadonlyMap<string, Uint8Array>, readYourWrites = true) {
    this.#contents = contents;
    this.capabilities = {
      largestContent: 2 ** 24,
      hashTypes: [rawSha256],
      readYourWrites,
      delete: false,
      list: false,
    };
  }

  async get(address: Address, options: GetOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted();
    this.reads.push(address.toString());
    this.limits.push(options.maxBytes);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    try {
      return (await this.before(address, options)) ?? (await this.#stored(address, options));
    } finally {
      this.inFlight--;
    }
  }

  async has(address: Address): Promise<boolean> {
    hashTypeOf(address, this.capabilities.hashTypes);
    return this.#contents.has(address.toString());
  }

  async put(): Promise<Address> {
    throw new UnsupportedError("A scripted storage is filled by the test.", { operation: "storage.put" });
  }

  async #stored(address: Address, { maxBytes, range }: GetOptions): Promise<Uint8Array> {
    const content = this.#contents.get(address.toString());
    if (content === undefined) {
      throw new NotFoundError(`Nothing is at ${address}.`, { operation: "storage.get" });
    }
    if (range !== undefined) return content.slice(range.offset, range.offset + range.length);
    if (maxBytes !== undefined && content.length > maxBytes) {
      throw new TooLargeError(`The content at ${address} has ${content.length} bytes.`, {
        operation: "storage.get",
        limit: maxBytes,
      });
    }
    return content.slice();
  }
}

/** A remote that holds these objects and shows this head. */
export function scriptedRemote(
  contents: ReadonlyMap<string, Uint8Array>,
  head?: Uint8Array,
  options: { readonly label?: string; readonly readYourWrites?: boolean } = {},
): Remote & { readonly names: ScriptedNames; readonly storage: ScriptedStorage } {
  return {
    label: options.label ?? "scripted",
    storage: new ScriptedStorage(contents),
    names: new ScriptedNames(head, options.readYourWrites),
  };
}
