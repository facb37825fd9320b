// Which proxy the variables of an environment name.

import type { RemoteLogError } from "@remote-log/core";
import { expect, test } from "vitest";
import { proxySettings } from "../../../src/remotes/proxy/proxy-settings.ts";

const OWN = "localhost,127.0.0.1,[::1]";

test.each([
  [{}, undefined],
  [{ HTTP_PROXY: "", https_proxy: " " }, undefined],
  [{ NO_PROXY: "a.example" }, undefined],
  [{ HTTP_PROXY: "http://p:1" }, ["http://p:1/", "http://p:1/", `${OWN},`]],
  [{ HTTPS_PROXY: "http://p:1" }, [undefined, "http://p:1/", `${OWN},`]],
  [{ https_proxy: "http://p:1", HTTP_PROXY: "https://q" }, ["https://q/", "http://p:1/", `${OWN},`]],
  [
    { http_proxy: "http://small", HTTP_PROXY: "http://capital" },
    ["http://small/", "http://small/", `${OWN},`],
  ],
  [{ http_proxy: "", HTTP_PROXY: "http://capital" }, ["http://capital/", "http://capital/", `${OWN},`]],
  [{ HTTP_PROXY: "p.example:3128" }, ["http://p.example:3128/", "http://p.example:3128/", `${OWN},`]],
  [{ HTTP_PROXY: "http://p", no_proxy: "a,.b" }, ["http://p/", "http://p/", `${OWN},a,.b`]],
  [{ HTTP_PROXY: "http://p", NO_PROXY: "*" }, ["http://p/", "http://p/", "*"]],
] as const)("%j names %j", (env, expected) => {
  const found = proxySettings(env);
  expect(found && [found.httpProxy, found.httpsProxy, found.noProxy]).toEqual(expected);
});

test.each([
  "socks5://user:hunter2@p:1080",
  "http://user:hunter2@",
  "http://user:hunter2%@p",
  "http://user:hunter2@p:port",
])("a proxy that can't be used is an error that does not repeat it: %s", (proxy) => {
  for (const name of ["HTTP_PROXY", "https_proxy"]) {
    let error: RemoteLogError | undefined;
    try {
      proxySettings({ [name]: proxy });
    } catch (thrown) {
      error = thrown as RemoteLogError;
    }
    expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", reason: "proxy-setting" });
    expect(error?.message).toContain(name.toUpperCase());
    expect(error?.message).not.toContain("hunter2");
  }
});
