// What a refusal says, and what sizes and limits are.

import { ProtobufWriter } from "@remote-log/core/wire";
import { decodePayload, encodePayload, type Payload } from "@remote-log/mvds";
import { expect, test } from "vitest";
import { PAYLOAD_FIELDS } from "../../src/wire/dialect.ts";
import { DEFAULT_PAYLOAD_LIMITS, elementCost, encodedMessage } from "../../src/wire/payload.ts";

const NOTHING: Payload = { acks: [], offers: [], requests: [], messages: [] };
const ID = new Uint8Array(32);
const SHORT = new Uint8Array(31);
const GROUP_OFFERS = [{ groupId: ID, messageIds: [] }];
const MESSAGE = { groupId: ID, timestamp: 1n, body: new Uint8Array(3), parents: [], ephemeral: false };

/** A payload with one field that is a message. */
function payloadWith(field: number, write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter("Test");
  writer.message(field, undefined, write);
  return writer.finish();
}

test.each([
  [5001, [[1, ID]], "The field acks of message Payload holds an id of 34 bytes, not 32."],
  [5002, [[1, ID]], "The field offers of message Payload holds an id of 34 bytes, not 32."],
  [5003, [[1, ID]], "The field requests of message Payload holds an id of 34 bytes, not 32."],
  [5004, [[6001, SHORT]], "The field group_id of message Message has 31 bytes, not 32."],
  [5005, [[1, SHORT]], "The field group_id of message Offer holds an id of 31 bytes, not 32."],
  [5005, [], "The field group_id of message Offer holds an id of 0 bytes, not 32."],
  [
    5005,
    [
      [1, ID],
      [1, ID],
    ],
    "The field group_id of message Offer is there twice.",
  ],
  [
    5005,
    [
      [1, ID],
      [2, SHORT],
    ],
    "The field message_ids of message Offer holds an id of 31 bytes, not 32.",
  ],
] as [number, [number, Uint8Array][], string][])(
  "decoding field %i says what is wrong and where (%#)",
  (field, elements, message) => {
    const payload = payloadWith(field, (writer) => {
      for (const [number, bytes] of elements) writer.element(number, bytes);
    });
    expect(() => decodePayload(payload)).toThrow(message);
  },
);

test.each([
  ["The field group_id of message Message is encoded as a varint", 5004, 6001],
  ["The field group_id of message Offer is encoded as a varint", 5005, 1],
])("%s", (message, field, inner) => {
  expect(() => decodePayload(payloadWith(field, (writer) => writer.uint64(inner, 4)))).toThrow(message);
});

test.each([
  ["messages", { ...NOTHING, messages: [MESSAGE] }, { maxMessages: 0 }],
  ["group_offers", { ...NOTHING, groupOffers: GROUP_OFFERS }, { maxGroupOffers: 0 }],
  ["acks", { ...NOTHING, acks: [ID] }, { maxIds: 0 }],
])("more elements of %s than allowed are named", (name, payload, limits) => {
  expect(() => decodePayload(encodePayload(payload), "production", limits)).toThrow(
    `The field ${name} of message Payload has more than 0 elements`,
  );
});

test("bytes that are no payload at all are named", () => {
  expect(() => decodePayload(new Uint8Array([0xff]))).toThrow(/message Payload ends within a number/);
});

test.each([
  ["acks of message Payload holds an id of 31", { acks: [SHORT] }],
  ["offers of message Payload holds an id of 31", { offers: [SHORT] }],
  ["requests of message Payload holds an id of 31", { requests: [SHORT] }],
  ["group_id of message Offer holds an id of 31", { groupOffers: [{ groupId: SHORT, messageIds: [] }] }],
  [
    "group_offers of message Payload holds an id of 31",
    { groupOffers: [{ groupId: ID, messageIds: [SHORT] }] },
  ],
  ["group_id of message Message has 31", { messages: [{ ...MESSAGE, groupId: SHORT }] }],
])("encoding says so: %s bytes", (message, more) => {
  expect(() => encodePayload({ ...NOTHING, ...more })).toThrow(message);
});

test("a dialect without offers by group says so", () => {
  expect(() => encodePayload({ ...NOTHING, groupOffers: GROUP_OFFERS }, "reference")).toThrow(
    'The field group_offers of message Payload does not exist in the dialect "reference".',
  );
});

test("a field of an offer by group that is not known is skipped", () => {
  const payload = payloadWith(5005, (writer) => {
    writer.element(1, ID);
    writer.element(2, ID);
    writer.element(3, ID);
  });
  expect(decodePayload(payload).groupOffers).toEqual([{ groupId: ID, messageIds: [ID] }]);
});

test("the limits are those of the documentation, also if one of them is given as undefined", () => {
  expect(DEFAULT_PAYLOAD_LIMITS).toEqual({
    maxBytes: 1_048_576,
    maxIds: 16_384,
    maxMessages: 4096,
    maxGroupOffers: 1024,
    maxParents: 256,
    maxUnknownFields: 1024,
  });
  const payload = encodePayload({ ...NOTHING, acks: [ID] });
  expect(decodePayload(payload, "production", { maxIds: undefined }).acks).toEqual([ID]);
});

test("an element costs what it takes in the end", () => {
  for (const field of [1, 15, 16, 2047, 2048, 5004]) {
    for (const length of [0, 1, 127, 128, 129, 16_383, 16_384, 16_385]) {
      const writer = new ProtobufWriter("Test");
      writer.element(field, new Uint8Array(length));
      expect([field, length, elementCost(field, length)]).toEqual([field, length, writer.finish().length]);
    }
  }
});

test("a message by itself has the bytes that it has in a payload", () => {
  for (const dialect of ["production", "reference"] as const) {
    const fields = PAYLOAD_FIELDS[dialect];
    const message = encodedMessage(MESSAGE, fields);
    const payload = encodePayload({ ...NOTHING, messages: [MESSAGE] }, dialect);
    expect(payload.slice(-message.length)).toEqual(message);
    expect(payload.length).toBe(elementCost(fields.messages, message.length));
  }
});
