import { randomUUID } from "node:crypto";
import type { KuboServer } from "@remote-log/servers";

/** Requests to a node with nothing around them: what no adapter can do without. */
export class RawNode {
  readonly #server: KuboServer;

  constructor(server: KuboServer) {
    this.#server = server;
  }

  /** Stores and pins a block. */
  async putBlock(bytes: Uint8Array): Promise<void> {
    await this.#call("block/put?cid-codec=raw&mhtype=sha2-256&pin=true", bytes);
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

  async #call(command: string, file?: Uint8Array): Promise<Uint8Array> {
    return take(
      await fetch(`${this.#server.rpc}/api/v0/${command}`, { method: "POST", ...(file && formOf(file)) }),
    );
  }
}

// By hand: a `FormData` takes the client half as long again.
function formOf(file: Uint8Array): RequestInit {
  const boundary = randomUUID();
  const type = "Content-Type: application/octet-stream";
  const begin = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n${type}\r\n\r\n`;
  return {
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: new Uint8Array(Buffer.concat([Buffer.from(begin), file, Buffer.from(`\r\n--${boundary}--\r\n`)])),
  };
}

async function take(response: Response): Promise<Uint8Array> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${response.status}: ${new TextDecoder().decode(bytes)}`);
  return bytes;
}
