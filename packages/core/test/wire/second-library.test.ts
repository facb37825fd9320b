import fc from "fast-check";
import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { decodeMvdsMessage, encodeMvdsMessage, type MvdsMessage } from "../../src/wire/mvds-message.ts";
import { ProtobufReader } from "../../src/wire/protobuf-reader.ts";
import { decodeRemoteLog, encodeRemoteLog, type WireRemoteLog } from "../../src/wire/remote-log-message.ts";
import { fieldBytes, mvdsMessage, pack, remoteLog } from "./messages.ts";

// The messages of 3/REMOTE-LOG, 2/MVDS and 4/MVDS-META alone, with nothing of ours.
const cas = protobuf.parse(
  `syntax = "proto3"; package vac.cas;
   message RemoteLog {
     repeated Pair pair = 1;
     bytes tail = 2;
     message Pair { bytes remoteHash = 1; bytes localHash = 2; bytes data = 3; }
   }`,
  { keepCase: true },
).root;
const mvds = protobuf.parse(
  `syntax = "proto3"; package vac.mvds;
   message Payload {
     repeated bytes acks = 5001; repeated bytes offers = 5002; repeated bytes requests = 5003;
     repeated Message messages = 5004;
   }
   message Message { bytes group_id = 6001; int64 timestamp = 6002; bytes body = 6003; Metadata metadata = 6004; }
   message Metadata { repeated bytes parents = 1; bool ephemeral = 2; }`,
  { keepCase: true },
).root;
const RemoteLog = cas.lookupType("vac.cas.RemoteLog");
const Payload = mvds.lookupType("vac.mvds.Payload");
const Message = mvds.lookupType("vac.mvds.Message");

/** What a reader of the standard sees of a log. */
function standardPart(log: WireRemoteLog): object {
  return {
    pair: log.pairs.map(({ remoteHash, localHash, data }) => ({ remoteHash, localHash, data })),
    tail: log.tail,
  };
}

function standardMessage(message: MvdsMessage): object {
  const { groupId, timestamp, body, parents, ephemeral } = message;
  return { group_id: groupId, timestamp: timestamp.toString(), body, metadata: { parents, ephemeral } };
}

/** A message as the second library decoded it, in plain values. */
function plain(type: protobuf.Type, bytes: Uint8Array): object {
  const options = { defaults: true, arrays: true, longs: String };
  return withoutBuffers(type.toObject(type.decode(bytes), options)) as object;
}

function withoutBuffers(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(withoutBuffers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutBuffers(part)]));
}

const empty = new Uint8Array(0);

test("a reader that knows only the standard sees the pairs and the tail of what we write", () => {
  fc.assert(
    fc.property(remoteLog, (log) => {
      const seen = plain(RemoteLog, encodeRemoteLog(log)) as { tail: Uint8Array };
      // This library gives an absent field of bytes as an empty list.
      expect(bytesFor(seen)).toEqual(standardPart(log));
    }),
    { numRuns: 300 },
  );
});

test("we read what a writer that knows only the standard wrote", () => {
  fc.assert(
    fc.property(remoteLog, (log) => {
      const bytes = RemoteLog.encode(RemoteLog.fromObject(standardPart(log))).finish();
      const pairs = log.pairs.map((pair) => ({ ...pair, contentHash: undefined }));
      const expected = { pairs, tail: log.tail, genesis: empty, checkpoint: empty, levels: [], head: empty };
      expect(decodeRemoteLog(bytes)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test("a page without extensions is written byte for byte as the second library writes it", () => {
  fc.assert(
    fc.property(remoteLog, (log) => {
      const pairs = log.pairs.map((pair) => ({ ...pair, contentHash: undefined }));
      const standard = { pairs, tail: log.tail, genesis: empty, checkpoint: empty, levels: [], head: empty };
      const expected = RemoteLog.encode(withoutDefaults(RemoteLog, standardPart(log))).finish();
      expect(encodeRemoteLog(standard)).toEqual(new Uint8Array(expected));
    }),
    { numRuns: 300 },
  );
});

test("a reader that knows only the standard reads the MVDS messages that we write, alone and in a payload", () => {
  fc.assert(
    fc.property(fc.array(mvdsMessage, { maxLength: 4 }), (messages) => {
      for (const message of messages) {
        expect(withMetadata(plain(Message, encodeMvdsMessage(message)))).toEqual(standardMessage(message));
      }
      const payload = pack(messages.map((message) => fieldBytes(5004, encodeMvdsMessage(message))));
      const seen = plain(Payload, payload) as { messages: object[] };
      expect(seen.messages.map(withMetadata)).toEqual(messages.map(standardMessage));
    }),
    { numRuns: 100 },
  );
});

test("we read the MVDS messages that a writer of the standard wrote, alone and in a payload", () => {
  fc.assert(
    fc.property(fc.array(mvdsMessage, { maxLength: 4 }), (messages) => {
      for (const message of messages) {
        const bytes = Message.encode(Message.fromObject(standardMessage(message))).finish();
        expect(decodeMvdsMessage(bytes)).toEqual(message);
      }
      const payload = Payload.encode(
        Payload.fromObject({ messages: messages.map(standardMessage) }),
      ).finish();
      const reader = new ProtobufReader(payload, "Payload");
      const read: MvdsMessage[] = [];
      while (reader.next()) read.push(decodeMvdsMessage(reader.bytes("messages")));
      expect(read).toEqual(messages);
    }),
    { numRuns: 100 },
  );
});

/** Turns the empty lists that stand for absent fields of bytes into empty bytes. */
function bytesFor(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([key, part]: [string, unknown]) => {
      if (key === "pair") return [key, (part as object[]).map(bytesFor)];
      return [key, Array.isArray(part) ? Uint8Array.from(part as number[]) : part];
    }),
  );
}

/** An absent body or metadata as what it means. */
function withMetadata(message: object): object {
  const { body, metadata, ...rest } = message as { body: ArrayLike<number>; metadata: object | null };
  return { ...rest, body: Uint8Array.from(body), metadata: metadata ?? { parents: [], ephemeral: false } };
}

/** A message for the second library in which empty fields are absent, as the proto3 rules want them written. */
function withoutDefaults(type: protobuf.Type, value: object): protobuf.Message {
  const strip = (part: object): object =>
    Object.fromEntries(
      Object.entries(part)
        .filter(([, field]: [string, unknown]) => !(field instanceof Uint8Array && field.length === 0))
        .map(([key, field]: [string, unknown]) => [key, Array.isArray(field) ? field.map(strip) : field]),
    );
  return type.fromObject(strip(value));
}
