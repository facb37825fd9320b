import { context, type Meter, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { addressOf, rawSha256, UnreachableError } from "@remote-log/core";
import { openTelemetry } from "@remote-log/layers/opentelemetry";
import { memoryRemote } from "@remote-log/memory";
import { failure, wrongTypeProblems } from "@remote-log/test-kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeStorage } from "../fake-remote.ts";

const content = new TextEncoder().encode("the content is secret");
const address = await addressOf(content, rawSha256);
const manager = new AsyncLocalStorageContextManager();

beforeAll(() => {
  context.setGlobalContextManager(manager.enable());
});
afterAll(() => {
  manager.disable();
  context.disable();
});

function spans() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { tracer: provider.getTracer("test"), finished: () => exporter.getFinishedSpans() };
}

function metrics() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  return {
    meter: provider.getMeter("test"),
    points: async () => {
      await reader.forceFlush();
      const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
      return scopes.flatMap((scope) =>
        scope.metrics.flatMap(({ descriptor: { name, unit }, dataPoints }) =>
          (dataPoints as readonly { attributes: object; value: unknown }[]).map(({ attributes, value }) => ({
            name,
            unit,
            attributes,
            value,
          })),
        ),
      );
    },
    end: () => provider.shutdown(),
  };
}

const down = new UnreachableError("https://user:password@host is down", {
  operation: "storage.get",
  reason: "dns",
});

test("each call is a span, with what it was, how it ended, and nothing that is secret", async () => {
  const { tracer, finished } = spans();
  const inner = {
    ...memoryRemote({ label: "box" }),
    storage: fakeStorage({ get: () => Promise.reject(down) }),
  };
  const { storage, names } = openTelemetry({ tracer })(inner);
  await storage.put(content);
  await failure(storage.get(address));
  await names.update("name", content, { expected: null });
  await names.resolve("name");
  const [put, get, , resolve] = finished();
  expect(finished().map(({ name }) => name)).toEqual([
    "storage.put",
    "storage.get",
    "names.update",
    "names.resolve",
  ]);
  expect(put).toMatchObject({ kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } });
  expect(put!.attributes).toEqual({
    "remote_log.operation": "storage.put",
    "remote_log.remote": "box",
    "remote_log.outcome": "ok",
    "remote_log.bytes_sent": content.length,
    "remote_log.bytes_received": 0,
  });
  expect(get).toMatchObject({ status: { code: SpanStatusCode.ERROR, message: "ERR_UNREACHABLE" } });
  expect(get!.attributes).toMatchObject({
    "error.type": "ERR_UNREACHABLE",
    "remote_log.error.reason": "dns",
  });
  expect(resolve!.attributes).toMatchObject({ "remote_log.bytes_received": content.length });
  const told = finished().map(({ name, attributes, events, status }) => ({
    name,
    attributes,
    events,
    status,
  }));
  expect(JSON.stringify(told)).not.toMatch(/password|host|bafk|the content/);
});

test("what happens during a call is below its span, and the span is below that of the caller", async () => {
  const { tracer, finished } = spans();
  const inner = fakeStorage({
    has: async () => {
      await Promise.resolve();
      tracer.startSpan("request").end();
      return true;
    },
  });
  const storage = openTelemetry({ tracer })(inner);
  const outer = tracer.startSpan("outer");
  await context.with(trace.setSpan(context.active(), outer), () => storage.has(address));
  const [request, has] = finished();
  expect(request!.parentSpanContext?.spanId).toBe(has!.spanContext().spanId);
  expect(has!.parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
});

test("a call that its caller gave up is no error", async () => {
  const { tracer, finished } = spans();
  const controller = new AbortController();
  controller.abort(new Error("enough"));
  await failure(
    openTelemetry({ tracer })(memoryRemote()).storage.put(content, { signal: controller.signal }),
  );
  const [put] = finished();
  expect(put!.status.code).toBe(SpanStatusCode.UNSET);
  expect(put!.attributes).toMatchObject({ "remote_log.outcome": "aborted" });
  expect(put!.attributes).not.toHaveProperty("error.type");
});

test("durations and bytes are counted, by operation, remote and error", async () => {
  const { meter, points, end } = metrics();
  const inner = {
    ...memoryRemote({ label: "box" }),
    storage: fakeStorage({ get: () => Promise.reject(down) }),
  };
  const { storage, names } = openTelemetry({ meter })(inner);
  await storage.put(content);
  await storage.put(content);
  await failure(storage.get(address));
  await names.update("name", content, { expected: null });
  await names.resolve("name");
  const found = await points();
  await end();
  const about = (operation: string) => ({ "remote_log.operation": operation, "remote_log.remote": "box" });
  const durations = found.filter(({ name }) => name === "remote_log.operation.duration");
  expect(durations.map(({ attributes, value }) => [attributes, (value as { count: number }).count])).toEqual([
    [about("storage.put"), 2],
    [{ ...about("storage.get"), "error.type": "ERR_UNREACHABLE" }, 1],
    [about("names.update"), 1],
    [about("names.resolve"), 1],
  ]);
  expect(durations[0]!.unit).toBe("s");
  expect(found.filter(({ name }) => name !== "remote_log.operation.duration")).toEqual([
    {
      name: "remote_log.operation.sent",
      unit: "By",
      attributes: about("storage.put"),
      value: 2 * content.length,
    },
    {
      name: "remote_log.operation.sent",
      unit: "By",
      attributes: about("names.update"),
      value: content.length,
    },
    {
      name: "remote_log.operation.received",
      unit: "By",
      attributes: about("names.resolve"),
      value: content.length,
    },
  ]);
});

test("a list is one span, with how much it gave", async () => {
  const { tracer, finished } = spans();
  const { storage } = openTelemetry({ tracer })(memoryRemote());
  await storage.put(content);
  for await (const _ of storage.list!()) expect(finished().length).toBe(1);
  expect(finished()[1]!.attributes).toMatchObject({
    "remote_log.operation": "storage.list",
    "remote_log.items": 1,
  });
});

test("without a provider, calls go through as they are; options of wrong types are refused", async () => {
  const { storage } = openTelemetry()(memoryRemote());
  expect(await storage.get(await storage.put(content))).toEqual(content);
  expect(await wrongTypeProblems((options) => openTelemetry(options), {}, { tracer: "", meter: "" })).toEqual(
    [],
  );
  openTelemetry({ tracer: undefined, meter: undefined as Meter | undefined });
});
