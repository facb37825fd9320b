import { tableOf } from "../dist/table.js";

/** Appends: a figure, and the processor time of each. */
const APPENDS = ["append one by one", "append in batches"].flatMap((name) =>
  ["with fsync", "without fsync", "in memory"].map((how) => `${name}, ${how}`),
);

/** Reads: at two latencies, and what comes of both. */
const READS = ["catch up", "catch up and keep it", "the same, 512 in flight", "newest 100"];

/** The report as a table for people. */
export function textOf({ run, node, rounds, contenders }) {
  const row = (what, cellOf) => [what, ...contenders.map(cellOf)];
  const appends = APPENDS.map((name) =>
    row(`${name}: a second · processor µs of each`, ({ figures }) =>
      pairText(figures[name], "", figures[`${name}, processor µs`], "µs"),
    ),
  );
  const reads = READS.flatMap((name) => {
    const unless = (cellOf) => (contender) =>
      contender.wholeLog && name === "newest 100" ? "all of the log" : cellOf(contender.figures);
    const [near, far] = [`${name}, 0 ms`, `${name}, 50 ms`];
    return [
      row(
        `${near}: time · processor time`,
        unless((figures) => pairText(figures[near], "s", figures[`${name}, processor s`], "s")),
      ),
      row(
        `${far}: time · round trips`,
        unless((figures) => pairText(figures[far], "s", tripsOf(figures[near], figures[far]), "")),
      ),
      row(
        `${name}: bytes on the wire ÷ payload`,
        unless((figures) => figureText(figures[`${name}, bytes on the wire ÷ payload`], "")),
      ),
    ];
  });
  const sizes = [
    ["packages", ...contenders.map(({ installed }) => String(installed.packages))],
    ["installed, MB", ...contenders.map(({ installed }) => megabytes(installed.bytes))],
    [
      "of which the largest package, MB",
      ...contenders.map(({ installed: { largest } }) => `${largest.name} ${megabytes(largest.bytes)}`),
    ],
    ["bundle, KiB gzipped", ...contenders.map(({ bundle }) => bundleText(bundle))],
    [
      "bundle to read alone, KiB",
      ...contenders.map(({ bundle: { reader } }) => (reader ? kibibytes(reader) : "the same")),
    ],
  ];
  const alone = contenders.flatMap(({ name, alone: just, installed }) =>
    just
      ? [
          `${name} by itself: ${just.packages} packages, ${megabytes(just.bytes)} MB; here with ${installed.packages}.`,
        ]
      : [],
  );
  return (
    `Median of ${rounds} rounds; ${run.date}, Node ${node}, ${run.cores} cores, load before ${run.loadBefore.toFixed(2)}\n\n` +
    `${tableOf(["what", ...contenders.map(({ name }) => name)], [...appends, ...reads, ...sizes])}\n\n${alone.join("\n")}\n`
  );
}

function pairText(figure, unit, other, otherUnit) {
  const first = figureText(figure, unit);
  return other === undefined ? first : `${first} · ${figureText(other, otherUnit)}`;
}

function figureText(figure, unit) {
  if (figure === undefined) return "–";
  if (figure.over !== undefined) return `over ${figure.over} ${unit}`;
  const { median } = figure;
  const number = median >= 100 ? Math.round(median).toLocaleString("en-US") : median.toPrecision(3);
  return `${number} ${unit}`.trim();
}

/** How many round trips waited for each other: what 50 ms more a round trip cost, in round trips. */
function tripsOf(near, far) {
  if (near?.median === undefined || far?.median === undefined) return undefined;
  return { median: (far.median - near.median) / 0.05 };
}

function bundleText({ bytes, for: platform }) {
  return `${kibibytes(bytes)}${platform === "Node" ? " (Node alone)" : ""}`;
}

function kibibytes(bytes) {
  return (bytes / 1024).toFixed(1);
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
