import type { KuboServer } from "@remote-log/servers";

/** Requests to a node with nothing around them: what no adapter can do without. */
export class RawNode {
  readonly #server: KuboServer;

  constructor(server: KuboServer) {
    this.#server = server;
  }

  /** Stores and pins a block. */
  async putBlock(bytes: Uint8Array): Promise<void> {
    const body = new FormData();
    body.append("file", new Blob([new Uint8Array(bytes)]));
    await this.#call("block/put?cid-codec=raw&mhtype=sha2-256&pin=true", body);
  }

  /** Reads a block through the RPC. */
  async getBlock(cid: string): Promise<void> {
    await this.#call(`block/get?arg=${cid}`);
  }

  /** Reads a block through the gateway. */
  async getThroughGateway(cid: string): Promise<void> {
    await take(await fetch(`${this.#server.gateway}/ipfs/${cid}?format=raw`));
  }

  /** Has the node make a key of its own, for its own names. */
  async makeKey(name: string): Promise<string> {
    const { Id } = JSON.parse(new TextDecoder().decode(await this.#call(`key/gen?arg=${name}`))) as {
      Id: string;
    };
    return Id;
  }

  /** Kubo's own way to set a name. */
  async publishName(key: string, cid: string): Promise<void> {
    await this.#call(`name/publish?arg=/ipfs/${cid}&key=${key}`);
  }

  /** Kubo's own way to read a name, past its cache. */
  async resolveName(name: string): Promise<void> {
    await this.#call(`name/resolve?arg=${name}&nocache=true`);
  }

  async #call(command: string, body?: FormData): Promise<Uint8Array> {
    return take(
      await fetch(`${this.#server.rpc}/api/v0/${command}`, { method: "POST", ...(body && { body }) }),
    );
  }
}

async function take(response: Response): Promise<Uint8Array> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${response.status}: ${new TextDecoder().decode(bytes)}`);
  return bytes;
}
