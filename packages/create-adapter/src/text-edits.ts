// Changes to files that people keep in their own form: only what is added changes.

/**
 * Adds a line that is like another one but for one word, right behind it.
 *
 * @param like - finds the line
 * @param change - the word of the found line, and the one that takes its place
 * @returns the new text; the old one if it has that line already; `undefined` if the other one was not found once
 */
export function lineAdded(
  text: string,
  like: RegExp,
  [word, other]: readonly [string, string],
): string | undefined {
  const found = [...text.matchAll(new RegExp(like.source, "gm"))];
  if (found.length !== 1) return undefined;
  const line = found[0]![0];
  const added = line.replace(word, () => other);
  return text.split("\n").includes(added) ? text : text.replace(line, () => `${line}\n${added}`);
}

/**
 * Adds a dependency to a manifest, in the order of the alphabet.
 *
 * @returns the new text, or `undefined` if the manifest has no dependencies or would change in other ways too
 */
export function dependencyAdded(text: string, name: string, version: string): string | undefined {
  const manifest = JSON.parse(text) as { dependencies?: Record<string, string> };
  if (manifest.dependencies === undefined || format(manifest) !== text) return undefined;
  const all = Object.entries({ ...manifest.dependencies, [name]: version });
  manifest.dependencies = Object.fromEntries(all.sort(([one], [other]) => (one < other ? -1 : 1)));
  return format(manifest);
}

function format(manifest: object): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
