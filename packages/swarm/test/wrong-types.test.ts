// Every option with every wrong type is refused, with what is expected, before anything is sent.

import { wrongTypeProblems } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { swarmNames, swarmRemote, swarmRemoteFromUri, swarmStorage } from "../src/index.ts";

const owner = "8d3766440f0d7b949a5e32995d09619a7f86e632";
const bee = "http://127.0.0.1:1633";
const node = {
  headers: "object|promise",
  fetch: "function",
  stamp: "string",
  allowMutable: "boolean",
  upload: "",
  uploadMilliseconds: "",
  answerMilliseconds: "",
  usableMilliseconds: "",
  largestContent: "",
};
const names = {
  nameKey: "",
  owner: "string",
  checkMilliseconds: "",
  readBackMilliseconds: "",
  hint: "boolean",
};

test("swarmRemote, its halves and swarmRemoteFromUri", async () => {
  // What is of the right type and is no node is told as "the node": where it is, nobody knows.
  const aNode = { bee: "string|object|promise|function" };
  const remote = { label: "string", name: "string" };
  expect(await wrongTypeProblems(swarmStorage, { bee }, { ...aNode, ...node })).toEqual([]);
  expect(await wrongTypeProblems(swarmNames, { bee }, { ...aNode, ...node, ...names })).toEqual([]);
  const all = { ...node, ...names, ...remote };
  expect(await wrongTypeProblems(swarmRemote, { bee, owner }, { ...aNode, ...all })).toEqual([]);
  const fromUri = (options: never) => swarmRemoteFromUri(`bee+${bee}?owner=${owner}`, options);
  const { owner: _, ...ofUri } = all;
  expect(await wrongTypeProblems(fromUri, {}, ofUri)).toEqual([]);
});
