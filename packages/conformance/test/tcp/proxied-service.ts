// A service of lines and proxies before it, for the tests of a file: begun before each test, and ended after it.

import {
  startTcpFaultProxy,
  type TcpFaultProxy,
  type TcpFaultProxyOptions,
} from "@remote-log/conformance/fault-proxy";
import { afterEach, beforeEach } from "vitest";
import { lineProtocol } from "./line-proxy.ts";
import { type LineService, startLineService } from "./line-service.ts";
import { endPeers } from "./peer.ts";

/** What a test has of the service. */
export interface ProxiedService {
  /** The service of this test. */
  readonly service: LineService;
  /** Ends with the test, in the reverse order. */
  readonly stops: (() => unknown)[];
  readonly startProxy: (options?: Partial<TcpFaultProxyOptions>) => Promise<TcpFaultProxy>;
}

/** Registers hooks that start a service before each test of the file, and end it, its proxies and their peers after it. */
export function proxiedService(): ProxiedService {
  const stops: (() => unknown)[] = [];
  let service: LineService;

  beforeEach(async () => {
    service = await startLineService("token");
    stops.push(() => service.stop());
  });

  afterEach(async () => {
    endPeers();
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  return {
    get service() {
      return service;
    },
    stops,
    startProxy: async (options = {}) => {
      const proxy = await startTcpFaultProxy({
        ...lineProtocol,
        target: `tcp://127.0.0.1:${service.port}`,
        ...options,
      });
      stops.push(proxy.stop);
      return proxy;
    },
  };
}
