import { tableOf } from "../table.ts";
import { MEASURES, type Measure, type ScaleReport, type ScaleRow, slopeOf } from "./report.ts";

/** The report as tables for people: one for each place, with a column for each length and the slopes. */
export function scaleTextOf({ run, payloadBytes, batch, publish, rows }: ScaleReport): string {
  const places = [...new Set(rows.map(({ on }) => on))];
  const tables = places.map((on) => tableFor(rows.filter((row) => row.on === on)));
  const heading =
    `Entries of ${payloadBytes} bytes, appended ${batch} at a time, published ${publish.toLocaleString("en-US")} at a time; ` +
    `${run.date}, Node ${run.node}, ${run.cores} cores, load before ${run.loadBefore.toFixed(2)}`;
  return `${[heading, ...places.flatMap((on, i) => [`On ${on}:`, tables[i]!])].join("\n\n")}\n`;
}

function tableFor(rows: readonly ScaleRow[]): string {
  const lengths = rows.map(({ length }) => length.toLocaleString("en-US"));
  const last = rows.slice(-3);
  return tableOf(
    ["what", ...lengths, "slope", "slope at the end"],
    MEASURES.map((measure) => [
      measure.name,
      ...rows.map((row) => numberOf(measure.of(row))),
      slopeText(rows, measure),
      slopeText(last, measure),
    ]),
  );
}

function slopeText(rows: readonly ScaleRow[], measure: Measure): string {
  return slopeOf(rows, measure)?.toFixed(2) ?? "";
}

function numberOf(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3);
}
