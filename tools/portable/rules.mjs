// What code may not use that runs on phones, in browsers and in workers, and what to use in its place.

import { parseSync } from "oxc-parser";

/** Where the rules hold. */
export const PLACES = ["core", "memory", "s3", "swarm", "ipfs", "layers", "mvds", "group", "car"].map(
  (name) => `packages/${name}/src`,
);

/** The files that these rules are about: each holds what stands in for something, or asks whether it is there; and what is for Node alone. */
export const HOMES =
  /^packages\/(?:core\/src\/(?:runtime\/|utf8\.ts$|async\/signals\.ts$|crypto\/ed25519-web-crypto\.ts$)|mvds\/src\/folder\/|car\/src\/node\/|layers\/src\/(?:folder|diagnostics)\/)/;

const TEXT = "use encodeUtf8 and decodeUtf8: not every runtime has it, and some ignore `fatal`";
const SIGNALS = "use async/signals.ts: the signals of React Native do not have it";
const NEWER = "engines that are in use do not have it";

const TIMERS = "use startTimer and stopTimer: time comes from the environment";
const TIME = "use timeNow: time comes from the environment";

/** Global names. */
const GLOBALS = {
  setTimeout: TIMERS,
  clearTimeout: TIMERS,
  setInterval: TIMERS,
  clearInterval: TIMERS,
  TextEncoder: TEXT,
  TextDecoder: TEXT,
  performance: "use monotonicNow: not every runtime has it",
  crypto: "use randomBytes: not every runtime has it, and it says so",
  structuredClone: NEWER,
  queueMicrotask: NEWER,
  WeakRef: NEWER,
  FinalizationRegistry: NEWER,
  AggregateError: NEWER,
  DOMException: NEWER,
  SharedArrayBuffer: NEWER,
  Intl: NEWER,
  btoa: NEWER,
  atob: NEWER,
};

/** Properties, of whatever they are. */
const PROPERTIES = {
  throwIfAborted: SIGNALS,
  at: "use lastOf, or an index: not every engine has it",
  findLast: NEWER,
  findLastIndex: NEWER,
  toSorted: NEWER,
  toReversed: NEWER,
  toSpliced: NEWER,
  isWellFormed: NEWER,
  toWellFormed: NEWER,
  groupBy: NEWER,
  fromAsync: NEWER,
  withResolvers: NEWER,
  randomUUID: "use randomBytes: not every runtime has it",
  getRandomValues: "use randomBytes: not every runtime has it, and it says so",
  canParse: "use parseUrl: not every runtime has it",
};

/** Properties of one object. */
const MEMBERS = {
  "Date.now": TIME,
  "Math.random": "use random: chance comes from the environment",
  "AbortSignal.any": SIGNALS,
  "AbortSignal.timeout": SIGNALS,
  "AbortSignal.abort": SIGNALS,
  "Promise.any": NEWER,
  "Promise.try": NEWER,
};

/**
 * What a file uses that it may not.
 *
 * @param {string} path - tells the language, by its ending
 * @param {string} text
 * @returns {string[]} one line for each fault, with its place
 */
export function faultsOf(path, text) {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} can't be parsed: ${errors[0].message}`);
  /** @type {string[]} */
  const faults = [];
  const fault = (node, what, advice) => {
    const line = text.slice(0, node.start).split("\n").length;
    faults.push(`${path}:${line} uses ${what}: ${advice}.`);
  };
  visit(program, undefined, (node, parent) => {
    if (node.type === "Identifier" && isFree(node, parent) && Object.hasOwn(GLOBALS, node.name)) {
      fault(node, node.name, GLOBALS[node.name]);
    }
    if (node.type === "MemberExpression" && !node.computed) {
      const name = node.property.name;
      const whole = `${node.object.name ?? ""}.${name}`;
      if (Object.hasOwn(PROPERTIES, name)) fault(node.property, `.${name}`, PROPERTIES[name]);
      else if (Object.hasOwn(MEMBERS, whole)) fault(node, whole, MEMBERS[whole]);
      else if (node.object.name === "globalThis" && Object.hasOwn(GLOBALS, name))
        fault(node, name, GLOBALS[name]);
      else if (name === "reason" && /signal$/i.test(nameOf(node.object)))
        fault(node, "a signal's reason", SIGNALS);
    }
    if (node.type === "NewExpression" && node.callee.name === "Date" && node.arguments.length === 0)
      fault(node, "new Date()", TIME);
    // The compiler of development builds of React Native (regenerator) fails on it.
    if (node.type === "SpreadElement" && parent !== undefined && waits(parent)) {
      fault(
        node,
        "a spread beside an `await`",
        "await first, into a constant: React Native can't compile it",
      );
    }
  });
  return faults;
}

/** Whether an identifier is a use of a variable, and not a name of something else. */
function isFree(node, parent) {
  if (parent === undefined || parent.type.startsWith("TS")) return false;
  if (parent.type === "MemberExpression") return parent.object === node || parent.computed;
  if (["Property", "PropertyDefinition", "MethodDefinition"].includes(parent.type)) {
    return parent.value === node && parent.key !== node;
  }
  return !/^(?:Import|Export)/.test(parent.type);
}

/** The last name of an expression: `signal` of `this.#signal` and of `options.signal`. */
function nameOf(node) {
  return node.name ?? node.property?.name ?? "";
}

function waits(node) {
  let found = false;
  const look = (inner) => {
    if (found || inner === null || typeof inner !== "object") return;
    if (Array.isArray(inner)) {
      inner.forEach(look);
      return;
    }
    if (typeof inner.type !== "string" || /Function/.test(inner.type)) return;
    found = inner.type === "AwaitExpression" || inner.type === "YieldExpression";
    Object.values(inner).forEach(look);
  };
  Object.values(node).forEach(look);
  return found;
}

function visit(node, parent, each) {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, parent, each);
  } else if (node !== null && typeof node === "object") {
    if (typeof node.type === "string") each(node, parent);
    const next = typeof node.type === "string" ? node : parent;
    for (const child of Object.values(node))
      if (child !== null && typeof child === "object") visit(child, next, each);
  }
}
