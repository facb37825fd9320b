// Who can be named, and what is told of texts that name nobody.

import { failure } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import { checkRecipient, generateIdentity, recipientOf } from "../../src/keyring/index.ts";
import { checkRecipients, MOST_READERS, padRecipients } from "../../src/keyring/recipients.ts";

afterEach(() => vi.restoreAllMocks());

const identity = await generateIdentity();
const recipient = await recipientOf(identity);

test("an identity at the place of a recipient is told as the secret that it is, and not repeated", async () => {
  for (const text of [identity, ` ${identity}`, identity.toLowerCase()]) {
    const error = await failure<Error>(checkRecipient(text));
    expect(error).toMatchObject({
      code: "ERR_INVALID_INPUT",
      reason: "recipient",
      operation: "keyring.recipient",
    });
    expect(error.message).toMatch(/^This is the secret identity of a reader/);
    expect(error.message.toUpperCase()).not.toContain(identity.slice(16));
  }
  for (const text of ["bob", `bob AGE-SECRET-KEY-`, `${recipient}x`, `x${recipient}`])
    expect((await failure<Error>(checkRecipient(text))).message).toMatch(/^This names no reader/);
  expect(await failure(checkRecipient([recipient] as never))).toMatchObject({
    code: "ERR_INVALID_INPUT",
    operation: "keyring.recipient",
    message: "A recipient must be a string, not an array.",
  });
});

test("256 readers can be named, and not one more", async () => {
  expect(await checkRecipients([])).toBe("x25519");
  expect(await checkRecipients(new Array<string>(MOST_READERS).fill(recipient))).toBe("x25519");
  const error = await failure<Error>(checkRecipients(new Array<string>(MOST_READERS + 1).fill(recipient)));
  expect(error).toMatchObject({ reason: "too-many-readers", operation: "keyring.seal" });
  expect(error.message).toMatch(/^A log names at most 256 readers at once, not 257\. .* the same key\.$/);
});

test("the order of the recipients is that of the numbers which are drawn for them", async () => {
  const draw = vi.spyOn(crypto, "getRandomValues");
  const order = async (): Promise<number[]> => {
    draw.mockClear();
    const padded = await padRecipients([recipient, "second", "third"], "x25519", 3);
    const drawn = draw.mock.results.at(-1)!.value as Uint8Array;
    expect(drawn.byteLength).toBe(3 * 8);
    const view = new DataView(drawn.buffer);
    const places = [0, 1, 2].map((i) => view.getBigUint64(8 * i));
    const sorted = places.toSorted((a, b) => (a < b ? -1 : 1));
    expect(padded).toEqual(sorted.map((place) => [recipient, "second", "third"][places.indexOf(place)]));
    return places.map((place) => sorted.indexOf(place));
  };
  await order();
});
