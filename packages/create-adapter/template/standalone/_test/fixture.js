import { Service, templateRemote } from "@remote-log/template";

const services = new Map();

async function open({ namespace }) {
  const service = services.get(namespace) ?? new Service();
  services.set(namespace, service);
  return templateRemote({ service });
}

/** The adapter as the suite takes it: one service a namespace, shared by what is reopened. */
export const fixture = { name: "template", create: open, reopen: open };
