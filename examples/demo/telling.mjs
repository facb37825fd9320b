// How the demo tells its story.
const colour = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

/** Begins a chapter. */
export function title(text) {
  console.log(`\n${paint("1", text)}`);
}

/** Tells a step. */
export function say(text) {
  console.log(`  ${text}`);
}

/** Shows what a command printed. */
export function show(output) {
  for (const line of output.trimEnd().split("\n")) console.log(paint("2", `    | ${line}`));
}

/** Ends the demo if something does not hold. */
export function holds(condition, what) {
  if (!condition) throw new Error(`The demo found that this does not hold: ${what}`);
  console.log(`  ${paint("32", "✓")} ${what}`);
}

/** A number with thousands apart. */
export function count(number) {
  return number.toLocaleString("en");
}
