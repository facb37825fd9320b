import { beforeEach, expect, test, vi } from "vitest";
import { ageRecipientKind } from "../../src/age/age-file.ts";
import { recipientOf } from "../../src/keyring/index.ts";

const offline = { cause: { message: "the page is offline" } };

// A module that could not be loaded is tried again by the next who asks.
beforeEach(() => {
  vi.resetModules();
  vi.doMock("age-encryption", () => {
    throw new Error("the page is offline");
  });
});

test("if the library can't be loaded, nothing is said of an identity", async () => {
  await expect(recipientOf(`AGE-SECRET-KEY-1${"Q".repeat(58)}`)).rejects.toMatchObject(offline);
});

test("if the library can't be loaded, nothing is said of a recipient", async () => {
  await expect(ageRecipientKind(`age1${"q".repeat(58)}`)).rejects.toMatchObject(offline);
});
