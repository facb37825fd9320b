// What is told of each remote after a sync, and which error is told if none showed the newest state.

import { expect, test } from "vitest";
import { NotFoundError, type Remote, UnreachableError } from "../../src/index.ts";
import type { Answer, Offer } from "../../src/reader/ask-remotes.ts";
import type { Verdict } from "../../src/reader/choose-state.ts";
import { reportOf, syncFailure } from "../../src/reader/remote-report.ts";

const operation = "names.resolve";
const passing = new UnreachableError("not now", { operation, retry: "safe" });
const grave = new NotFoundError("gone", { operation });
const foreign = new Error("a fault of the program");

const remoteOf = (label: string): Remote => ({ label }) as unknown as Remote;

function offerOf(label: string, size: number): Offer {
  return { remote: remoteOf(label), view: { size } as Offer["view"], revision: "1" };
}

const answering = (offer: Offer): Answer => ({ remote: offer.remote, offer });
const failing = (label: string, error: unknown): Answer => ({ remote: remoteOf(label), error });
const absent = (label: string): Answer => ({ remote: remoteOf(label) });

test.each<[string, Answer, Verdict | undefined, object]>([
  ["nothing", absent("a"), undefined, { status: "absent" }],
  ["a failure", failing("a", passing), undefined, { status: "failed", error: passing }],
  ["the newest state", answering(offerOf("a", 7)), { status: "newest" }, { status: "newest", size: 7 }],
  ["an older state", answering(offerOf("a", 7)), { status: "behind" }, { status: "behind", size: 7 }],
  [
    "a state that can't be placed",
    answering(offerOf("a", 7)),
    { status: "unverified", error: grave },
    { status: "unverified", size: 7, error: grave },
  ],
  [
    "a state that can't be used",
    answering(offerOf("a", 7)),
    { status: "failed", error: grave },
    { status: "failed", size: 7, error: grave },
  ],
  ["a state of which nothing was found out", answering(offerOf("a", 7)), undefined, { status: "absent" }],
])("of a remote is told that it shows %s", (_what, answer, verdict, told) => {
  expect(reportOf(answer, verdict)).toStrictEqual({ label: "a", ...told });
});

/** The error of a sync whose answers have these verdicts; `setBack` are the remotes that showed more before. */
function errorOf(
  answers: readonly (Answer | [Offer, Verdict["status"], unknown?])[],
  { verified, setBack = [] }: { readonly verified?: number; readonly setBack?: readonly string[] } = {},
): unknown {
  const verdicts = new Map<Offer, Verdict>();
  const all = answers.map((one) => {
    if (!Array.isArray(one)) return one;
    const [offer, status, error] = one;
    verdicts.set(offer, { status, error });
    return answering(offer);
  });
  const wasRolledBack = ({ remote }: Offer): boolean => setBack.includes(remote.label);
  return syncFailure({ logId: "f00d", answers: all, verdicts, verified, wasRolledBack });
}

test.each(["behind", "unverified"] as const)(
  "a remote that showed more before, and is %s now, was set back",
  (status) => {
    const answers: Parameters<typeof errorOf>[0] = [
      failing("b", grave),
      [offerOf("c", 9), "behind"],
      [offerOf("a", 7), status, grave],
    ];
    expect(errorOf(answers, { verified: 10, setBack: ["a"] })).toMatchObject({
      code: "ERR_ROLLBACK",
      operation: "reader.sync",
      offered: 7,
      verified: 10,
      message: expect.stringContaining("a shows 7 entries of log f00d, and 10 were verified before"),
    });
  },
);

test("a state that failed is not one that was set back", () => {
  expect(errorOf([[offerOf("a", 7), "failed", passing]], { verified: 10, setBack: ["a"] })).toBe(passing);
});

test.each([
  ["will not pass", grave],
  ["is a fault of the program", foreign],
])("a failure that %s is told before one that may pass, and before a lag", (_what, error) => {
  const lagging: [Offer, Verdict["status"]] = [offerOf("b", 7), "behind"];
  expect(errorOf([failing("a", passing), lagging, failing("c", error)], { verified: 10 })).toBe(error);
  expect(errorOf([lagging, [offerOf("c", 7), "failed", error]], { verified: 10 })).toBe(error);
});

test("a remote that lags behind is told before a failure that may pass, and before a state that can't be placed", () => {
  const answers: Parameters<typeof errorOf>[0] = [
    failing("a", passing),
    [offerOf("b", 5), "unverified", passing],
    [offerOf("c", 7), "behind"],
    [offerOf("d", 8), "behind"],
  ];
  expect(errorOf(answers, { verified: 10 })).toMatchObject({
    code: "ERR_STALE",
    offered: 7,
    verified: 10,
    message: expect.stringMatching(/^c shows 7 entries .* lags behind/),
  });
});

test("a remote that lags behind is told if there is nothing else to tell", () => {
  expect(errorOf([absent("a"), [offerOf("b", 7), "behind"]], { verified: 10 })).toMatchObject({
    code: "ERR_STALE",
    offered: 7,
    verified: 10,
  });
});

test("a smaller state that can't be placed is told, with the reason, before a failure that may pass", () => {
  for (const size of [5, 10])
    expect(
      errorOf([failing("a", passing), [offerOf("b", size), "unverified", grave]], { verified: 10 }),
    ).toMatchObject({
      code: "ERR_STALE",
      cause: grave,
      message: expect.stringMatching(
        /^b shows \d+ entries of log f00d, and 10 were verified before: no remote shows how/,
      ),
    });
});

test("a larger state that can't be placed is a failure, with its own reason", () => {
  expect(errorOf([[offerOf("b", 11), "unverified", grave]], { verified: 10 })).toBe(grave);
  expect(errorOf([[offerOf("b", 1), "unverified", grave]])).toBe(grave);
  expect(errorOf([[offerOf("b", 11), "unverified", passing]], { verified: 10 })).toMatchObject({
    code: "ERR_STALE",
    cause: passing,
  });
});

test("the first of the failures that may pass is told, if there is nothing else", () => {
  const other = new UnreachableError("not now either", { operation, retry: "safe" });
  expect(errorOf([absent("a"), failing("b", passing), failing("c", other)])).toBe(passing);
});

test("if nothing is there, the error names the remotes, and what was there before", () => {
  expect(errorOf([absent("a"), absent("b")])).toMatchObject({
    code: "ERR_NOT_FOUND",
    message: "No log f00d is published on a, b. Has the writer published?",
  });
  expect(errorOf([absent("a")], { verified: 10 })).toMatchObject({
    code: "ERR_NOT_FOUND",
    message: "No log f00d is published on a. A state of 10 entries was verified before.",
  });
});
