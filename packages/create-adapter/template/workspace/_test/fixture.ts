import type { ConformanceFixture } from "@remote-log/conformance";
import * as adapter from "@remote-log/template";

/** The adapter as the suite takes it: one service a namespace, shared by what is reopened. */
export function templateFixture(): ConformanceFixture {
  const services = new Map<string, adapter.Service>();
  async function open({ namespace }: { namespace: string }) {
    const service = services.get(namespace) ?? new adapter.Service();
    services.set(namespace, service);
    return adapter.templateRemote({ service });
  }
  return { name: "template", create: open, reopen: open };
}
