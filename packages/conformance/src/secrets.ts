// Looks for secrets in errors: as they are, and in the forms in which requests carry them.

/** How far from an error a secret is looked for. A log or a crash report goes about as deep. */
const DEEPEST = 6;
/** How many values are looked at: a socket or a module would lead to the whole process. */
const MOST_VALUES = 20_000;
/** How much of a body is looked at. */
const MOST_BYTES = 100_000;

/** The least characters of base64 that are looked for: fewer are found anywhere by chance. */
const LEAST_BASE64 = 6;
/** Getters of Node.js that print a warning when they are read. */
const DEPRECATED: ReadonlySet<unknown> = new Set(["_headers", "_headerNames"]);

/**
 * Looks for secrets in a value and in all that hangs on it: texts, bytes, own properties (those that can't be
 * enumerated and those under symbols too), what getters of its prototypes give, the entries of maps and sets, and what
 * it says of itself as text and as JSON. A secret is found as it is, percent-encoded, as hexadecimal digits, and in
 * base64, alone or with other text around it, as in `Authorization: Basic …`.
 *
 * @returns where one was found, as a path such as `error.cause.message` or `error.request.headers`; never the secret itself
 */
export function findSecret(value: unknown, secrets: readonly string[]): string | undefined {
  const given = secrets.filter((secret) => secret !== "");
  const inBase64 = given.flatMap(base64FormsOf);
  const inHex = given.map(hexOf);
  const holds = (text: string): boolean => {
    const decoded = text.includes("%") ? percentDecoded(text) : text;
    const standard = decoded.replaceAll("-", "+").replaceAll("_", "/");
    const small = decoded.toLowerCase();
    return (
      given.some((secret) => text.includes(secret) || decoded.includes(secret)) ||
      inBase64.some((form) => standard.includes(form)) ||
      inHex.some((form) => small.includes(form))
    );
  };
  const seen = new Set<unknown>();
  let level: [path: string, value: unknown][] = [["error", value]];
  for (let depth = 0; depth <= DEEPEST; depth++) {
    const next: [string, unknown][] = [];
    for (const [path, one] of level) {
      if (textsOf(one).some(holds)) return `${path}${one instanceof Error ? placeIn(one, holds) : ""}`;
      if (!isObject(one) || seen.has(one) || seen.size >= MOST_VALUES) continue;
      seen.add(one);
      next.push(...partsOf(path, one));
    }
    level = next;
  }
  return holds(jsonOf(value)) ? "error as JSON" : undefined;
}

/**
 * What base64 makes of a secret, whatever is encoded before and after it: one form for each place where it may begin in
 * a group of three bytes, without the characters at the ends that depend on its neighbours.
 */
function base64FormsOf(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((before) => {
    const padded = new Uint8Array(before + bytes.length);
    padded.set(bytes, before);
    // Of a group that holds other bytes too, only the characters that hold none of theirs are looked for.
    const whole = Math.floor((padded.length * 8) / 6);
    const form = btoa(String.fromCharCode(...padded)).slice([0, 2, 3][before], whole);
    return form.length >= LEAST_BASE64 ? [form] : [];
  });
}

function hexOf(secret: string): string {
  const bytes = new TextEncoder().encode(secret);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A text with its percent-escapes decoded, those alone that are escapes. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    const bytes = Uint8Array.from(escapes.slice(1).split("%"), (hex) => Number.parseInt(hex, 16));
    return new TextDecoder().decode(bytes);
  });
}

/** What a value itself says. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value instanceof Uint8Array) return [new TextDecoder().decode(value.subarray(0, MOST_BYTES))];
  if (value instanceof URL) return [value.href];
  return value instanceof Error ? [String(value)] : [];
}

/** In which of its two texts an error holds what is sought, as the end of a path. */
function placeIn({ message, name }: Error, holds: (text: string) => boolean): string {
  if (holds(String(message))) return ".message";
  return holds(String(name)) ? ".name" : "";
}

/** A value as JSON; nothing if it can't be written so, for being a circle. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}

/** What hangs on a value, with the path to it. */
function partsOf(path: string, value: object): [string, unknown][] {
  if (ArrayBuffer.isView(value)) return [];
  const parts: [string, unknown][] = [];
  const read = (key: string | symbol): void => {
    try {
      parts.push([`${path}.${String(key)}`, Reflect.get(value, key)]);
    } catch {
      // A property that can't be read tells nothing.
    }
  };
  for (const key of Reflect.ownKeys(value)) {
    parts.push([`${path} (a key)`, typeof key === "string" ? key : key.description]);
    read(key);
  }
  for (const key of gettersOf(value)) read(key);
  if (value instanceof Map)
    for (const [key, held] of value) parts.push([`${path} (a key)`, key], [path, held]);
  if (value instanceof Set) for (const held of value) parts.push([path, held]);
  if (typeof Headers === "function" && value instanceof Headers) {
    for (const [key, held] of value) parts.push([`${path}.${key}`, held]);
  }
  return parts;
}

/** The keys of the getters that a value inherits, but for those that every object has. */
function gettersOf(value: object): Set<string | symbol> {
  const getters = new Set<string | symbol>();
  let holder = Reflect.getPrototypeOf(value);
  for (; holder !== null && holder !== Object.prototype; holder = Reflect.getPrototypeOf(holder)) {
    for (const key of Reflect.ownKeys(holder)) {
      const isGetter = Reflect.getOwnPropertyDescriptor(holder, key)?.get !== undefined;
      if (isGetter && !DEPRECATED.has(key)) getters.add(key);
    }
  }
  return getters;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
