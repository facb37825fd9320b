// Every option with every wrong type is refused, with what is expected, before anything is sent.

import { wrongTypeProblems } from "@remote-log/test-kit";
import { MemoryBlockstore } from "blockstore-core";
import { MemoryDatastore } from "datastore-core";
import { expect, test } from "vitest";
import { blockstoreStorage, datastoreRoute, embeddedRemote } from "../src/embedded/index.ts";
import { gatewayRemote, gatewayRemoteFromUri, gatewayRoute, gatewayStorage } from "../src/gateway/index.ts";
import {
  delegatedRoute,
  ipfsRemote,
  ipfsRemoteFromUri,
  ipfsStorage,
  ipnsNames,
  keepName,
  keepNameOnce,
  kuboRoute,
} from "../src/index.ts";

const node = "http://127.0.0.1:5001";
const url = "https://gateway.example";
const name = "k51qzi5uqu5dgg67tgrr3kysxpuuerkw9jyw1cdp3vzgaxdrnxjg2nwsu6zqbl";
const stores = { blockstore: new MemoryBlockstore(), datastore: new MemoryDatastore() };

// A text, or an object, that is no node, and texts that are no URL or no name, are told by the checks of their own.
const ofNode = { node: "string|object|promise|function", headers: "object|promise", fetch: "function" };
const ofUrl = { url: "string", headers: "object|promise", fetch: "function" };
const ofStorage = { searchMilliseconds: "", largestContent: "" };
const ofNames = {
  nameKey: "",
  lifetimeMilliseconds: "",
  ttlMilliseconds: "",
  routeMilliseconds: "",
  publishMilliseconds: "",
  patienceMilliseconds: "",
  acceptExpired: "boolean",
};
const ofRemote = { label: "string", name: "string" };

test("on a node", async () => {
  const storage = { ...ofNode, ...ofStorage, pin: "boolean", answerMilliseconds: "" };
  expect(await wrongTypeProblems(ipfsStorage, { node }, storage)).toEqual([]);
  expect(await wrongTypeProblems(kuboRoute, { node }, ofNode)).toEqual([]);
  const remote = { ...storage, ...ofNames, ...ofRemote, delegated: "" };
  expect(await wrongTypeProblems(ipfsRemote, { node, name }, remote)).toEqual([]);
  const { node: _, name: __, delegated: ___, ...ofUri } = remote;
  const fromUri = (options: never) => ipfsRemoteFromUri(`ipfs+${node}?name=${name}`, options);
  expect(await wrongTypeProblems(fromUri, {}, ofUri)).toEqual([]);
  expect(await wrongTypeProblems(delegatedRoute, { url }, ofUrl)).toEqual([]);
});

test("names, and what keeps them", async () => {
  const sound = { storage: ipfsStorage({ node }), routes: [kuboRoute({ node })] };
  expect(await wrongTypeProblems(ipnsNames, sound, { storage: "", routes: "array", ...ofNames })).toEqual([]);
  const keeping = { names: ipnsNames(sound), name };
  const first = (options: never) => keepName(options).next();
  const types = { names: "", name: "string", signal: "" };
  expect(await wrongTypeProblems(first, keeping, { ...types, everyMilliseconds: "" })).toEqual([]);
  expect(await wrongTypeProblems(keepNameOnce, keeping, types)).toEqual([]);
});

test("by gateways", async () => {
  expect(await wrongTypeProblems(gatewayStorage, { url }, { ...ofUrl, ...ofStorage })).toEqual([]);
  expect(await wrongTypeProblems(gatewayRoute, { url }, ofUrl)).toEqual([]);
  const { routeMilliseconds, patienceMilliseconds, acceptExpired } = ofNames;
  const settings = { routeMilliseconds, patienceMilliseconds, acceptExpired, ...ofStorage };
  const remote = { ...ofUrl, ...settings, ...ofRemote };
  expect(await wrongTypeProblems(gatewayRemote, { url, name }, remote)).toEqual([]);
  expect(await wrongTypeProblems(gatewayRemote, { name }, { urls: "" })).toEqual([]);
  const fromUri = (options: never) => gatewayRemoteFromUri(`ipns://${name}`, options);
  const ofUri = { ...settings, label: "string", headers: "object|promise", fetch: "function" };
  expect(await wrongTypeProblems(fromUri, {}, ofUri)).toEqual([]);
});

test("embedded", async () => {
  const storage = { ...ofStorage, blockstore: "", pins: "", absence: "" };
  expect(await wrongTypeProblems(blockstoreStorage, stores, storage)).toEqual([]);
  expect(await wrongTypeProblems(datastoreRoute, stores, { datastore: "" })).toEqual([]);
  const remote = { ...storage, ...ofNames, ...ofRemote, datastore: "", routings: "array" };
  expect(await wrongTypeProblems(embeddedRemote, { ...stores, name }, remote)).toEqual([]);
});
