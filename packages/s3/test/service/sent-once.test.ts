// When a command is sent a second time: once the SDK has learned the time from a refusal, and never else.

import { expect, test } from "vitest";
import { sentOnce } from "../../src/service/sent-once.ts";

/** How often a command reaches the network, if it fails first and then succeeds; and what it was added as. */
async function sendings(error: unknown, second: unknown = { response: {} }) {
  let added: readonly [middleware: (next: unknown) => (args: object) => Promise<unknown>, options: unknown];
  const command = { middlewareStack: { add: (...all: typeof added) => (added = all) } };
  expect(sentOnce(command)).toBe(command);
  let sent = 0;
  const send = added![0](() => {
    if (++sent === 1) return Promise.reject(error);
    return second instanceof Error ? Promise.reject(second) : Promise.resolve(second);
  });
  const outcome = await send({}).catch((thrown: unknown) => thrown);
  return { sent, outcome, options: added![1] };
}

const refusal = (httpStatusCode: unknown, clockSkewCorrected: unknown = true) =>
  Object.assign(new Error("refused"), { $metadata: { httpStatusCode, clockSkewCorrected } });

test.each([400, 401, 403])(
  "a clock that was corrected by a refusal (%d) is tried once more",
  async (status) => {
    const right = { response: {} };
    expect(await sendings(refusal(status), right)).toMatchObject({ sent: 2, outcome: right });
    const again = refusal(status);
    expect(await sendings(refusal(status), again)).toMatchObject({ sent: 2, outcome: again });
  },
);

test.each([
  ["a refusal without a word of the clock", refusal(403, null)],
  ["a clock that was not corrected", refusal(403, false)],
  ["an absence", refusal(404)],
  ["a condition that does not hold", refusal(412)],
  ["a failure of the service", refusal(500)],
  ["a failure without an answer", refusal(undefined)],
  ["an error of the runtime", new TypeError("fetch failed")],
  ["nothing", undefined],
  ["null", null],
])("%s is the end of it: the write may have taken effect", async (_, error) => {
  expect(await sendings(error)).toMatchObject({ sent: 1, outcome: error });
});

test("it stands in the place of the repetitions of the SDK, behind which requests are signed", async () => {
  const { options } = await sendings(refusal(500));
  const place = { step: "finalizeRequest", priority: "high" };
  expect(options).toEqual({ ...place, name: "retryMiddleware", tags: ["RETRY"], override: true });
});
