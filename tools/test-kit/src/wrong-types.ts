// Values of wrong types, for every option of an entry point in turn.

/** What an option may wrongly be: what JavaScript lets in. */
const WRONG: readonly (readonly [type: string, value: unknown])[] = [
  ["string", "wr0ng"],
  ["number", 4.5],
  ["null", null],
  ["array", [1, 2]],
  ["function", () => undefined],
  ["boolean", true],
  ["object", {}],
  ["promise", Promise.resolve()],
];

/** What an entry point may wrongly get in the place of all of its options. */
const NO_OPTIONS: readonly unknown[] = ["wr0ng", 4.5, null, [1, 2], () => undefined, true];

/**
 * Opens something with every option of every wrong type in turn, and with what are no options at all.
 *
 * @param open - the entry point; what it opened is dropped
 * @param sound - options that are taken
 * @param types - of every option the types that it may have; a `|` stands between several
 * @returns what was wrong with how it refused: empty if every refusal is `ERR_INVALID_INPUT`, names the option and does not
 * repeat the value
 */
export async function wrongTypeProblems(
  open: (options: never) => unknown,
  sound: Readonly<Record<string, unknown>>,
  types: Readonly<Record<string, string>>,
): Promise<string[]> {
  const problems: string[] = [];
  const attempt = async (what: string, options: unknown, name: string): Promise<void> => {
    try {
      await open(options as never);
      problems.push(`${what} was taken`);
    } catch (error) {
      const { code, message } = error as { readonly code?: string; readonly message: string };
      const isRight = code === "ERR_INVALID_INPUT" && message.includes(name) && !message.includes("wr0ng");
      if (!isRight) problems.push(`${what}: ${String(error)}`);
    }
  };
  for (const options of NO_OPTIONS) await attempt(`${JSON.stringify(options)} as options`, options, "ption");
  for (const [option, right] of Object.entries(types)) {
    for (const [type, value] of WRONG) {
      if (right.split("|").includes(type)) continue;
      await attempt(`${option} as ${type}`, { ...sound, [option]: value }, option);
    }
  }
  return problems;
}
