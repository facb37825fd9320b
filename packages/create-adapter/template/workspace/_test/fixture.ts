import type { ConformanceFixture } from "@remote-log/conformance";
import * as adapter from "@remote-log/template";

/** The adapter as the suite takes it: one service a namespace, shared by what is reopened. */
export function templateFixture(): ConformanceFixture {
  const services = new Map<string, adapter.TemplateService>();
  async function open({ namespace }: { namespace: string }) {
    const service: adapter.TemplateService = services.get(namespace) ?? new Map();
    services.set(namespace, service);
    const storage = adapter.templateStorage({ service });
    const names = adapter.templateNames({ service });
    return { storage, names };
  }
  return { name: "template", create: open, reopen: open };
}
