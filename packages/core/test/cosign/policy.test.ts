// Policies of C2SP tlog-policy: how they are read, and what they say of checkpoints.

import { describe, expect, test } from "vitest";
import {
  formatSignedNote,
  parseSignedNote,
  signCheckpoint,
  verifierKeyText,
} from "../../src/checkpoint/index.ts";
import { cosign } from "../../src/cosign/cosignature.ts";
import { cosignerKeyText, Policy } from "../../src/cosign/index.ts";
import { signingKeyFromSeed } from "../../src/crypto/index.ts";

const origin = "example.com/log";
const logKey = await signingKeyFromSeed(new Uint8Array(32).fill(1));
const log = verifierKeyText(origin, logKey.publicKey);
const names = ["X1", "X2", "X3", "Y1", "Y2"];
const keys = new Map(
  await Promise.all(
    names.map(async (name, i) => [name, await signingKeyFromSeed(new Uint8Array(32).fill(10 + i))] as const),
  ),
);
const keyName = (name: string): string => `witness.example/${name}`;
const vkey = (name: string): string =>
  cosignerKeyText({ name: keyName(name), publicKey: keys.get(name)!.publicKey });
const witnesses = names.map((name) => `witness ${name} ${vkey(name)}`).join("\n");
const groups = "group X 2 X1 X2 X3\ngroup Y any Y1 Y2\ngroup both all X Y";
const whole = `log ${log}\n${witnesses}\n${groups}\nquorum both\n`;

/** A checkpoint with the signatures of some. */
async function noteBy(
  cosigners: readonly string[],
  { size = 5, seconds = 1000, forgedBy = [] as readonly string[], by = logKey } = {},
): Promise<string> {
  const note = parseSignedNote(
    await signCheckpoint({ origin, size, root: new Uint8Array(32).fill(size) }, by),
  );
  const signatures = [...note.signatures];
  for (const name of cosigners) {
    const key = keys.get(name)!;
    const line = await cosign(note.text, { name: keyName(name), key }, seconds);
    signatures.push(
      forgedBy.includes(name) ? { ...line, signature: line.signature.map((byte) => byte ^ 1) } : line,
    );
  }
  return formatSignedNote({ text: note.text, signatures });
}

describe("a policy", () => {
  test.each([
    [[], false],
    [["X1", "Y1"], false],
    [["X1", "X3"], false],
    [["X1", "X3", "Y2"], true],
    [["X1", "X2", "X3", "Y1", "Y2"], true],
    [["Y1", "Y2"], false],
  ])("with two levels of groups, of the cosigners %j: %s", async (cosigners, holds) => {
    const { newest, held } = await new Policy(whole).check([await noteBy(cosigners)]);
    expect(newest).toMatchObject({ holds, quorum: holds, log: true, size: 5 });
    expect(held).toEqual(holds ? newest : undefined);
    expect(
      newest.witnesses.filter(({ cosignedAt }) => cosignedAt !== undefined).map(({ name }) => name),
    ).toEqual(cosigners);
  });

  test("says who signed, when, and in which order the policy has them", async () => {
    const { newest } = await new Policy(whole).check([await noteBy(["Y1"], { seconds: 12 })]);
    expect(newest.witnesses).toEqual(
      names.map((name) => ({ name, key: keyName(name), ...(name === "Y1" && { cosignedAt: 12_000 }) })),
    );
  });

  test("signatures that several notes have of one state count together, the newest of each", async () => {
    const notes = [await noteBy(["X1", "Y1"], { seconds: 3000 }), await noteBy(["X2", "Y1"])];
    const { newest } = await new Policy(whole).check(notes);
    expect(newest.holds).toBe(true);
    expect(newest.witnesses.find(({ name }) => name === "Y1")).toMatchObject({ cosignedAt: 3_000_000 });
  });

  test("a note with a line that is not good counts for nothing, and other notes still count", async () => {
    const bad = await noteBy(["X1", "X2", "Y1"], { forgedBy: ["X2"] });
    expect((await new Policy(whole).check([bad])).newest.witnesses.some(({ cosignedAt }) => cosignedAt)).toBe(
      false,
    );
    const good = await noteBy(["X1", "X3", "Y2"]);
    expect((await new Policy(whole).check([bad, good])).newest.holds).toBe(true);
  });

  test("tells of the largest state that it holds for, besides the newest", async () => {
    const of = (size: number, by: readonly string[]) => noteBy(by, { size });
    const all = ["X1", "X2", "Y1"];
    const notes = [await of(9, ["X1"]), await of(5, all), await of(7, all)];
    const { newest, held } = await new Policy(whole).check(notes);
    expect(newest).toMatchObject({ holds: false, size: 9 });
    expect(held).toMatchObject({ holds: true, size: 7 });
    expect(await new Policy(whole).check([])).toMatchObject({
      newest: { holds: false, size: 0, quorum: false },
    });
  });

  test("a log that it does not name is not accepted, and nor is another key under its name", async () => {
    const policy = `${witnesses}\nquorum none\n`;
    const notes = [await noteBy([])];
    expect((await new Policy(policy).check(notes)).newest.holds).toBe(true);
    const strangerKey = await signingKeyFromSeed(new Uint8Array(32).fill(77));
    const stranger = verifierKeyText(origin, strangerKey.publicKey);
    expect((await new Policy(`log ${stranger}\n${policy}`).check(notes)).newest).toMatchObject({
      holds: false,
      log: false,
      quorum: true,
    });
    const elsewhere = verifierKeyText("example.com/b", logKey.publicKey);
    expect((await new Policy(`log ${elsewhere}\n${policy}`).check(notes)).newest.log).toBe(false);
    expect((await new Policy(`log ${stranger}\nlog ${log}\n${policy}`).check(notes)).newest.log).toBe(true);
    expect(new Policy(policy).quorum).toBe("none");
  });

  test("a witness can be the quorum, and one whose algorithm is not known here never counts", async () => {
    const one = new Policy(`witness X1 ${vkey("X1")} https://w.example\nquorum X1`);
    expect((await one.check([await noteBy(["X1"])])).newest.holds).toBe(true);
    expect((await one.check([await noteBy(["X2"])])).newest.holds).toBe(false);
    const foreign = new Policy("witness W w.example+00000000+BgI=\nquorum W");
    expect((await foreign.check([await noteBy(["X1"])])).newest.holds).toBe(false);
  });

  test("comments, empty lines, tabs and a member that is itself a group of one are read", async () => {
    const text = `# a comment\n\t\n \twitness\tX1 ${vkey("X1")}  \n  # another\ngroup g 1 X1\ngroup h all g\nquorum h`;
    expect((await new Policy(text).check([await noteBy(["X1"])])).newest.holds).toBe(true);
  });
});

describe("what is no policy is refused with ERR_MALFORMED and the number of the line", () => {
  const X1 = `witness X1 ${vkey("X1")}`;
  test.each([
    ["", "no quorum line"],
    [`${X1}\n`, "no quorum line"],
    ["quorum none\nquorum none\n", "line 2 is a second quorum"],
    ["quorum X1\n", "line 1 names X1, which no line before it defines"],
    ["quorum\n", "line 1 is not: quorum"],
    ["quorum none none\n", "line 1 is not: quorum"],
    ["mirror X1 key\nquorum none", "line 1 begins with none of"],
    ["log\nquorum none", "line 1 is not: log"],
    [`log ${log} a b\nquorum none`, "line 1 is not: log"],
    [`log ${log}x\nquorum none`, "line 1 has no verifier key"],
    [`log ${vkey("X1")}\nquorum none`, "line 1 has the key of a cosigner"],
    [`log ${log}\nlog ${log}\nquorum none`, "line 2 has a key that another line has"],
    ["witness X1\nquorum none", "line 1 is not: witness"],
    [`${X1} url more\nquorum none`, "line 1 is not: witness"],
    [`witness X1 ${log}\nquorum none`, "line 1 has the key of a log"],
    [`witness none ${vkey("X1")}\nquorum none`, "line 1 defines none"],
    [`${X1}\nwitness X1 ${vkey("X2")}\nquorum none`, "line 2 defines X1"],
    [`${X1}\nwitness X2 ${vkey("X1")}\nquorum none`, "line 2 has a key that another line has"],
    [`${X1}\ngroup g\nquorum none`, "line 2 is not: group"],
    [`${X1}\ngroup g all\nquorum none`, "line 2 is not: group"],
    [`${X1}\ngroup X1 all X1\nquorum none`, "line 2 defines X1"],
    [`${X1}\ngroup g all X2\nquorum none`, "line 2 names X2"],
    [`${X1}\ngroup g all none\nquorum none`, "line 2 names none"],
    [`${X1}\ngroup g all X1 X1\nquorum none`, "line 2 names X1, which is a member"],
    [`${X1}\ngroup g all X1\ngroup h all X1\nquorum none`, "line 3 names X1, which is a member"],
    [`${X1}\ngroup g 2 X1\nquorum g`, "line 2 asks for 2 of 1"],
    [`${X1}\ngroup g 0 X1\nquorum g`, "line 2 asks for 0 of 1"],
    [`${X1}\ngroup g 01 X1\nquorum g`, "line 2 asks for 01 of 1"],
    [`${X1}\ngroup g some X1\nquorum g`, "line 2 asks for some of 1"],
    ["# a\u0000\nquorum none", "line 1 has a control character"],
    ["quorum none\r\n", "line 1 has a control character"],
    [`# ${"x".repeat(65_536)}\nquorum none`, "more than 65536 characters"],
  ])("%j", (text, message) => {
    expect(() => new Policy(text)).toThrow(
      expect.objectContaining({ code: "ERR_MALFORMED", message: expect.stringContaining(message) }),
    );
  });

  test("more than 256 of a kind are refused", () => {
    const many = (count: number): string =>
      Array.from(
        { length: count },
        (_, i) =>
          `log l${i}+00000000+BgI${String.fromCharCode(65 + Math.floor(i / 26))}${String.fromCharCode(65 + (i % 26))}AAA`,
      ).join("\n");
    expect(() => new Policy(`${many(256)}\nquorum none`)).not.toThrow();
    expect(() => new Policy(`${many(257)}\nquorum none`)).toThrow("more than the 256th");
  });
});
