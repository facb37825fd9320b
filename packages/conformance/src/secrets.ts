/** How far from an error a secret is looked for. A log or a crash report goes about as deep. */
const DEEPEST = 6;
/** How many values are looked at: a socket or a module would lead to the whole process. */
const MOST_VALUES = 20_000;
/** How much of a body is looked at. */
const MOST_BYTES = 100_000;

/**
 * Looks for secrets in a value and in all that hangs on it: texts, bytes, own properties (those that can't be
 * enumerated and those under symbols too), the entries of maps and sets, and what it says of itself as text and
 * as JSON.
 *
 * @returns where one was found, as a path such as `error.cause.message` or `error.request.headers`; never the secret itself
 */
export function findSecret(value: unknown, secrets: readonly string[]): string | undefined {
  const sought = secrets.filter((secret) => secret !== "");
  const holds = (text: string): boolean => sought.some((secret) => text.includes(secret));
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

/** A value as JSON; nothing where it can't be written so, for being a circle. */
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
  for (const key of Reflect.ownKeys(value)) {
    const to = `${path}.${String(key)}`;
    parts.push([`${path} (a key)`, typeof key === "string" ? key : key.description]);
    try {
      parts.push([to, Reflect.get(value, key)]);
    } catch {
      // A property that can't be read tells nothing.
    }
  }
  if (value instanceof Map)
    for (const [key, held] of value) parts.push([`${path} (a key)`, key], [path, held]);
  if (value instanceof Set) for (const held of value) parts.push([path, held]);
  if (typeof Headers === "function" && value instanceof Headers) {
    for (const [key, held] of value) parts.push([`${path}.${key}`, held]);
  }
  return parts;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
