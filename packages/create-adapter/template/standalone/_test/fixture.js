import { templateNames, templateStorage } from "@remote-log/template";

const services = new Map();

async function open({ namespace }) {
  const service = services.get(namespace) ?? new Map();
  services.set(namespace, service);
  return { storage: templateStorage({ service }), names: templateNames({ service }) };
}

/** The adapter as the suite takes it: one service a namespace, shared by what is reopened. */
export const fixture = { name: "template", create: open, reopen: open };
