import { tableOf } from "../dist/table.js";

/** Rows of figures. */
const ROWS = [
  ...["append one by one", "append in batches"].flatMap((name) =>
    ["with fsync", "without fsync", "in memory"].flatMap((how) => [
      [`${name}, ${how}`, "/s"],
      [`${name}, ${how}, processor µs`, "µs"],
    ]),
  ),
  ...["catch up", "catch up and keep it", "the same, 512 in flight", "newest 100"].flatMap((name) => [
    [`${name}, 0 ms`, "s"],
    [`${name}, 50 ms`, "s"],
    [`${name}, processor s`, "s"],
    [`${name}, bytes on the wire ÷ payload`, ""],
  ]),
];

/** The report as a table for people. */
export function textOf({ run, node, rounds, contenders }) {
  const rows = ROWS.map(([figure, unit]) => [
    figure,
    ...contenders.map(({ figures, wholeLog }) =>
      wholeLog && figure.startsWith("newest 100") ? "all of the log" : figureText(figures[figure], unit),
    ),
  ]);
  const trips = ["catch up", "catch up and keep it", "the same, 512 in flight", "newest 100"].map((name) => [
    `${name}, round trips`,
    ...contenders.map(({ figures }) => tripsText(figures[`${name}, 0 ms`], figures[`${name}, 50 ms`])),
  ]);
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
    `${tableOf(["what", ...contenders.map(({ name }) => name)], [...rows, ...trips, ...sizes])}\n\n${alone.join("\n")}\n`
  );
}

function figureText(figure, unit) {
  if (figure === undefined) return "–";
  if (figure.over !== undefined) return `over ${figure.over} ${unit}`;
  const { median } = figure;
  const number = median >= 100 ? Math.round(median).toLocaleString("en-US") : median.toPrecision(3);
  return `${number} ${unit}`.trim();
}

/** How many round trips waited for each other: what 50 ms more a round trip cost, in round trips. */
function tripsText(near, far) {
  if (near?.median === undefined || far?.median === undefined) return "–";
  return ((far.median - near.median) / 0.05).toFixed(1);
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
