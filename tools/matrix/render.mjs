// Turns stored reports into the page docs/compatibility.md.

/** @typedef {import("./reports.mjs").StoredReport} StoredReport */

const SIGNS = { passed: "✓", skipped: "–", known: "known", failed: "✗", "not-run": "not run" };

const INTRODUCTION = `# Compatibility

This page shows which promises of \`StorageBackend\` and \`NameResolver\` every adapter of this repository keeps, server by
server. It is generated from the reports of the [conformance suite](../packages/conformance/README.md) in
[compatibility](compatibility). To run the suite again and rewrite the page:

\`\`\`sh
pnpm conformance --all --reports docs/compatibility
pnpm matrix
\`\`\`
`;

/**
 * Writes the page.
 *
 * @param {readonly StoredReport[]} reports
 * @returns {string}
 */
export function renderMatrix(reports) {
  const names = reports.map(nameOf);
  return [
    INTRODUCTION,
    "## Adapters\n",
    "An adapter is conformant if it keeps every `MUST` that applies (a known failure is a failure), and keeps every `SHOULD`",
    "or names it as known. Below each group of cases is why a case was not kept, or does not apply.\n",
    table(
      ["adapter", "version", "service", "verdict", "MUST", "SHOULD", "MAY", "suite", "run in", "on"],
      reports.map(adapterRow),
    ),
    "## Capabilities\n",
    "### Storage\n",
    table(["", ...names], capabilityRows(reports, storageFacts)),
    "### Names\n",
    table(["", ...names], capabilityRows(reports, namesFacts)),
    "## Cases\n",
    `${SIGNS.passed} kept · ${SIGNS.skipped} does not apply · ${SIGNS.known}: not kept, and named as such with the reason · ` +
      `${SIGNS.failed} not kept\n`,
    ...groupsOf(reports).map(([group, ids]) => renderGroup(group, ids, reports)),
  ].join("\n");
}

/** What a column is called: `s3-minio` is the adapter s3, run with or on minio. */
function nameOf({ file }) {
  return file.replace("-", " · ");
}

function adapterRow(report) {
  const { adapter, conformant, suite, runtime, started } = report;
  return [
    nameOf(report),
    adapter.version ?? "",
    adapter.service ?? "",
    conformant ? "conformant" : "**not conformant**",
    ...["MUST", "SHOULD", "MAY"].map((level) => countsOf(report, level)),
    suite,
    `${runtime.agent}, ${runtime.platform}`,
    started.slice(0, 10),
  ];
}

/** How many cases of a level ended how: `98 ✓ 3 –`. */
function countsOf({ results }, level) {
  return Object.entries(SIGNS)
    .map(([status, sign]) => [
      results.filter((one) => one.level === level && one.status === status).length,
      sign,
    ])
    .filter(([count]) => count > 0)
    .map(([count, sign]) => `${count} ${sign}`)
    .join(" ");
}

const yes = (flag) => (flag ? "yes" : "no");
const bytes = (count) => `${count.toLocaleString("en")} bytes`;

function storageFacts({ storage }) {
  if (storage === undefined) return undefined;
  return {
    "largest content": bytes(storage.largestContent),
    addresses: storage.hashTypes.map(({ name }) => name).join(", "),
    "reads its own writes": yes(storage.readYourWrites),
    "knows what is not there": storage.absence === "local" ? "in its own store" : "yes",
    delete: yes(storage.delete),
    release: yes(storage.release),
    list: yes(storage.list),
    ranges: yes(storage.ranges ?? false),
    "several at once": storage.putMany
      ? `${storage.putMany.contents} contents, ${bytes(storage.putMany.bytes)}`
      : "no",
  };
}

function namesFacts({ names }) {
  if (names === undefined) return undefined;
  return {
    "compare-and-set": names.compareAndSet,
    "largest content": bytes(names.largestContent),
    "reads its own writes": yes(names.readYourWrites),
    watch: yes(names.watch),
  };
}

function capabilityRows(reports, factsOf) {
  const facts = reports.map(({ declared }) => factsOf(declared));
  const labels = Object.keys(facts.find((one) => one !== undefined) ?? {});
  return labels.map((label) => [label, ...facts.map((one) => one?.[label] ?? SIGNS.skipped)]);
}

/** The ids of all reports by what they begin with, in the order of the suite. */
function groupsOf(reports) {
  const groups = new Map();
  for (const { id } of reports.flatMap(({ results }) => results)) {
    const group = id.replace(/-\d+$/, "");
    groups.set(group, (groups.get(group) ?? new Set()).add(id));
  }
  return [...groups].map(([group, ids]) => [group, [...ids]]);
}

function renderGroup(group, ids, reports) {
  const rows = ids.map((id) => {
    const cells = reports.map(({ results }) => results.find((one) => one.id === id));
    const { level, title } = cells.find((cell) => cell !== undefined);
    return [id, level, title, ...cells.map((cell) => (cell === undefined ? "" : SIGNS[cell.status]))];
  });
  const head = ["case", "level", "promise", ...reports.map(nameOf)];
  return [`### ${group}\n`, table(head, rows), ...reasonsOf(ids, reports)].join("\n");
}

/** Why cases of a group were not kept, or do not apply: a line for each reason. */
function reasonsOf(ids, reports) {
  const lines = new Map();
  for (const report of reports) {
    for (const { id, status, reason } of report.results) {
      if (!ids.includes(id) || status === "passed") continue;
      const key = `${SIGNS[status]} ${nameOf(report)}: ${inline(reason)}`;
      lines.set(key, [...(lines.get(key) ?? []), id]);
    }
  }
  if (lines.size === 0) return [];
  const all = [...lines].map(([key, found]) => {
    const every = found.length === ids.length && ids.length > 1;
    return `- ${key} (${every ? "all of them" : found.join(", ")})`;
  });
  return [`${all.join("\n")}\n`];
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map(inline).join(" | ")} |`;
  return `${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}

/** A text within a line of a table: nothing in it is markup. */
function inline(text) {
  return text.replace(/\s+/g, " ").replace(/[|<`[\]_\\](?!\*)/g, "\\$&");
}
