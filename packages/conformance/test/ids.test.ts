import { conformanceCases } from "@remote-log/conformance";
import { expect, test } from "vitest";

test("no id is changed, dropped or given to another promise", async () => {
  const lines = conformanceCases.map(({ id, level, title }) => `${id} ${level} ${title}\n`);
  await expect(lines.join("")).toMatchFileSnapshot("./case-ids.txt");
});

test("every id is of the form CAS-PUT-03, and there is no other like it", () => {
  const ids = conformanceCases.map(({ id }) => id);
  expect(ids.filter((id) => !/^(CAS|NS|LOG)-[A-Z]+-\d\d$|^BOTH-\d\d$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});
