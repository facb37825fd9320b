import { Readable } from "node:stream";
import { runs } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

test("entries that were acknowledged before kill -9 are in the log, in their places", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  const running = place.start(["append", "--ack"]);
  let sent = 0;
  const feeding = setInterval(() => {
    for (let i = 0; i < 50; i++) running.child.stdin!.write(`entry ${sent++}\n`);
  }, 1);
  await running.shows("\n300 ");
  running.child.kill("SIGKILL");
  clearInterval(feeding);
  const { code, out } = await running.ended;
  expect(code).toBe(null);
  const acknowledged = out
    .slice(0, out.lastIndexOf("\n"))
    .split("\n")
    .map((line) => line.split(" "));
  expect(acknowledged.length).toBeGreaterThan(300);

  await place.ok(["publish"]);
  const read = await place.ok(["read", id, "--remote", uri, "--json"]);
  const entries = read.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { sequence: number; id: string; content: string });
  expect(entries.map(({ content }) => content)).toEqual(entries.map((_, i) => `entry ${i}`));
  const kept = entries.slice(0, acknowledged.length).map((entry) => [`${entry.sequence}`, entry.id]);
  expect(kept).toEqual(acknowledged);
});

test("each line is acknowledged while the input is still open", async () => {
  const place = await Place.make();
  await place.log();
  const running = place.start(["append", "--ack"]);
  running.child.stdin!.write("first\n");
  await running.shows("0 ");
  running.child.stdin!.write("second\nunended");
  await running.shows("\n1 ");
  running.child.stdin!.end();
  expect((await running.ended).out).toMatch(/^0 [0-9a-f]{64}\n1 [0-9a-f]{64}\n2 [0-9a-f]{64}\n$/);
});

test("an entry that is too long ends the input, and what stood before it is kept", async () => {
  const place = await Place.make();
  await place.log();
  const { code, err } = await place.rlog(["append"], `a\nb\n${"x".repeat(17 * 2 ** 20)}\nc\n`);
  expect(code).toBe(1);
  expect(err).toContain("[ERR_TOO_LARGE]");
  expect(err).toContain("Appended 2 entries, numbers 0 to 1.");
  expect(JSON.parse((await place.ok(["status", "--json"])).out)).toMatchObject({ size: 2 });
});

test("SIGINT ends an append that waits for input; what came in before is kept", async () => {
  const place = await Place.make();
  await place.log();
  const running = place.start(["append", "--ack"]);
  running.child.stdin!.write("kept\n");
  await running.shows("0 ");
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  expect(JSON.parse((await place.ok(["status", "--json"])).out)).toMatchObject({ size: 1 });
});

const SMALL_MIB = 16;
const LARGE_MIB = runs(64, 112);

test(`an input of ${LARGE_MIB} MiB takes hardly more memory than one of ${SMALL_MIB} MiB`, async () => {
  const place = await Place.make();
  await place.log();
  const report =
    "data:text/javascript,process.on('exit',()=>console.error('kB',process.resourceUsage().maxRSS))";
  const line = Buffer.from(`${"0123456789abcdef".repeat(64)}\n`);
  const piece = Buffer.concat(Array.from({ length: 1024 }, () => line));
  const memoryFor = async (pieces: number): Promise<number> => {
    const { child, ended } = place.start(["append"], ["--max-semi-space-size=2", "--import", report]);
    Readable.from(Array.from({ length: pieces }, () => piece)).pipe(child.stdin!);
    const { code, err } = await ended;
    expect(code).toBe(0);
    expect(err).toContain(`Appended ${pieces * 1024} entries`);
    return Number(/kB (\d+)/.exec(err)![1]);
  };
  // The heap of a process grows for a while before it is cleaned up, longer on a busy machine: a small space for what is
  // young makes it clean up early. What counts is that the heap does not grow with the input: by less than half of what is
  // added.
  const small = await memoryFor(SMALL_MIB);
  const large = await memoryFor(LARGE_MIB);
  expect(large, `${small} kB`).toBeLessThan(small + ((LARGE_MIB - SMALL_MIB) / 2) * 1024);
});
