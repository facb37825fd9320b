// Logs in memory that can be written, read and broken, and a node that uses them.

import { decodeMvdsMessage, encodeMvdsMessage, type MvdsMessage, mvdsMessageId } from "@remote-log/core";
import {
  type DeliveredMessage,
  type MvdsEvent,
  type MvdsNode,
  type NodeOptions,
  type OwnLog,
  openNode,
  type PeerLog,
} from "@remote-log/mvds";
import { atEnd } from "@remote-log/test-kit/vitest";
import { itemOf } from "../../src/log/read-statement.ts";
import { GROUP, hex, text } from "../engine/network.ts";
import { newDatabase } from "./devices.ts";

export const idOf = (byte: number): string => byte.toString(16).padStart(2, "0").repeat(32);
export const bytesOf = (id: string): Uint8Array => new Uint8Array(Buffer.from(id, "hex"));
export const [OWN, ALICE, CAROL] = [idOf(0xb0), idOf(0xa1), idOf(0xca)];
export const OTHER = new Uint8Array(32).fill(8);

export function messageOf(
  content: string,
  parents: readonly MvdsMessage[] = [],
  groupId = GROUP,
): MvdsMessage {
  return {
    groupId,
    timestamp: 5n,
    body: text(content),
    parents: parents.map(mvdsMessageId),
    ephemeral: false,
  };
}

/** A log in memory that can be written and read, and can fail. */
export class FakeLog implements OwnLog, PeerLog {
  readonly genesis = { genesis: { identifiers: "mvds" } };
  readonly contents: (Uint8Array | undefined)[] = [];
  readonly logId: string;
  reads = 0;
  fails: Error | undefined;
  /** After how many entries a read fails. */
  failsAt = 0;

  constructor(logId: string, ...messages: readonly MvdsMessage[]) {
    this.logId = logId;
    this.contents.push(...messages.map(encodeMvdsMessage));
  }

  get size(): number {
    return this.contents.length;
  }

  async appendAll(contents: readonly Uint8Array[]): Promise<{ sequence: number; id: Uint8Array }[]> {
    if (this.fails !== undefined) throw this.fails;
    return contents.map((content) => {
      this.contents.push(content);
      return { sequence: this.size - 1, id: mvdsMessageId(decodeMvdsMessage(content)) };
    });
  }

  async *entries(from: number): AsyncGenerator<{ sequence: number; id: Uint8Array }> {
    for await (const { sequence, content } of this.from(from))
      yield { sequence, id: mvdsMessageId(decodeMvdsMessage(content)) };
  }

  async *from(from: number): AsyncGenerator<{ sequence: number; content: Uint8Array }> {
    this.reads++;
    for (const [sequence, content] of this.contents.entries()) {
      if (this.fails !== undefined && sequence >= this.failsAt) throw this.fails;
      if (sequence >= from && content !== undefined) yield { sequence, content };
    }
    if (this.fails !== undefined) throw this.fails;
  }

  /** The statements in it: for each the log, and the stretch. */
  get statements(): string[] {
    return this.contents.flatMap((content, sequence) => {
      const item = itemOf(sequence, decodeMvdsMessage(content!));
      return item.kind === "read"
        ? item.reads.map(({ logId, first, end }) => `${hex(logId).slice(0, 2)} ${first}-${end}`)
        : [];
    });
  }
}

export interface Life {
  readonly node: MvdsNode;
  readonly writer: FakeLog;
  readonly readers: Map<string, PeerLog>;
  readonly delivered: DeliveredMessage[];
  readonly events: MvdsEvent[];
}

export const bodies = ({ delivered }: Life): string[] =>
  delivered.map(({ body }) => new TextDecoder().decode(body));

/** Bob, who has a log and reads those of others. */
export async function bob(
  logs: Readonly<Record<string, FakeLog>>,
  { writer = new FakeLog(OWN), ...options }: Partial<NodeOptions> & { writer?: FakeLog } = {},
): Promise<Life> {
  const delivered: DeliveredMessage[] = [];
  const events: MvdsEvent[] = [];
  const readers = new Map<string, PeerLog>(Object.entries(logs));
  const node = await openNode({
    database: newDatabase(),
    logs: { writer, readers, pollMilliseconds: 2 ** 30 },
    epochMilliseconds: 2 ** 30,
    now: () => 1_800_000_000,
    onMessage: (message) => void delivered.push(message),
    onEvent: (event) => void events.push(event),
    ...options,
  });
  await node.syncLogs();
  await node.setGroup(GROUP, ["alice", "carol"]);
  events.length = 0;
  atEnd(() => node.close());
  return { node, writer, readers, delivered, events };
}
