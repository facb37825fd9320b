import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { HmacSha256 } from "../../src/crypto/hmac-sha256.ts";

test("HMAC-SHA-256 gives what Node's gives, for one message after the other", () => {
  const messages = fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 3 })).chain(([length, count]) => {
    const message = fc.uint8Array({ minLength: length, maxLength: length });
    return fc.array(message, { minLength: count, maxLength: count });
  });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), messages, (key, messages) => {
      const hmac = new HmacSha256(key, messages[0]!.length);
      const made = messages.map((message) => {
        hmac.message.set(message);
        return hmac.digest();
      });
      const expected = messages.map(
        (message) => new Uint8Array(createHmac("sha256", key).update(message).digest()),
      );
      expect(made).toEqual(expected);
    }),
  );
});

test("what is not written of a message counts as zeros", () => {
  const key = new Uint8Array(32).fill(7);
  const expected = createHmac("sha256", key).update(new Uint8Array(40)).digest();
  expect(new HmacSha256(key, 40).digest()).toEqual(new Uint8Array(expected));
});
