import { expect, test } from "vitest";
import { checkChange, History, LONGEST_TEXT, notesOf, type Written } from "../notes/src/notes.ts";

let made = 0;

function written(note: string, text: string | null, change = `change-${made}`): Written {
  made++;
  return { id: `id-${made}`, author: "laptop", time: made, value: { change, note, text } };
}

const textsOf = (list: readonly Written[]) => notesOf(list).map(({ text }) => text);

test("the last change of a note counts, and a note keeps the place at which it was begun", () => {
  const list = [written("a", "one"), written("b", "two"), written("a", "one, changed")];
  expect(textsOf(list)).toEqual(["one, changed", "two"]);
  expect(notesOf(list)[0]).toMatchObject({ time: list[0]!.time, changed: list[2]!.time });
});

test("a note that was removed stays so, whatever others write of it later", () => {
  expect(textsOf([written("a", "one"), written("a", null), written("a", "again")])).toEqual([]);
});

test("a change that was written twice counts once", () => {
  const first = written("a", "one", "same");
  expect(textsOf([first, written("a", "two"), written("a", "one", "same")])).toEqual(["two"]);
});

test("what comes late stands where it belongs, and what was withdrawn is gone", () => {
  const history = new History();
  const [one, two, three] = [written("a", "one"), written("b", "two"), written("c", "three")];
  history.take(one);
  history.take(three);
  history.take(two, three.id);
  expect(textsOf(history.written)).toEqual(["one", "two", "three"]);
  history.withdraw([one.id]);
  expect(textsOf(history.written)).toEqual(["two", "three"]);
});

test("what another device wrote is taken if it is a change, and nothing else of it", () => {
  const change = { change: "c-1", note: "n-1", text: "hello" };
  expect(checkChange({ ...change, more: 1 })).toEqual(change);
  expect(checkChange({ ...change, text: null }).text).toBeNull();
  for (const wrong of [
    null,
    1,
    {},
    { ...change, note: "" },
    { ...change, note: "<b>" },
    { ...change, text: 1 },
  ])
    expect(() => checkChange(wrong)).toThrow(TypeError);
  expect(() => checkChange({ ...change, text: "x".repeat(LONGEST_TEXT + 1) })).toThrow(TypeError);
});
