import { InvalidInputError, QuotaExhaustedError, type RemoteLogError } from "@remote-log/core";
import { expect, test } from "vitest";
import { adviceOn } from "../../../src/remotes/open-remotes.ts";

const operation = "storage.put";
const node = "bee+http://127.0.0.1:1633";
const batch = "ab".repeat(32);

function adviceFor(error: RemoteLogError, uri = `${node}?stamp=${batch}`): string[] {
  return adviceOn([{ label: "swarm", uri }], error);
}

test.each([
  ["batch-unknown", /give the remote a new label in config\.json/],
  ["batch-mutable", /add &mutable=allow/],
])("the reason %s gets its advice, whatever the message says", (reason, advice) => {
  for (const Kind of [QuotaExhaustedError, InvalidInputError]) {
    const error = new Kind("It did not work.", { operation, reason });
    expect(adviceFor(error)).toEqual([expect.stringMatching(advice)]);
  }
});

test("a message that only sounds like one of them gets no advice", () => {
  const message = `The node knows of no batch ${batch}, and it is mutable.`;
  for (const reason of [undefined, "batch-full", "batch-foreign", "batch-not-usable"]) {
    expect(adviceFor(new QuotaExhaustedError(message, { operation, reason }))).toEqual([]);
  }
});

test("a remote without a batch gets no advice on batches", () => {
  const error = new QuotaExhaustedError("It did not work.", { operation, reason: "batch-unknown" });
  expect(adviceFor(error, `${node}?owner=${"0".repeat(40)}`)).toEqual([]);
});
