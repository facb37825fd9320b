import { createHash, randomUUID } from "node:crypto";
import type { ConformanceFixture, FaultControl, Opened, OpenOptions } from "@remote-log/conformance";
import { type FaultProxy, startFaultProxy } from "@remote-log/conformance/fault-proxy";
import type { NameResolver, StorageBackend } from "@remote-log/core";
import { ipfsStorage, ipnsNames, kuboRoute, type NodeOptions } from "@remote-log/ipfs";
import { type GatewayOptions, gatewayRoute, gatewayStorage } from "@remote-log/ipfs/gateway";
import type { KuboServer } from "@remote-log/servers";

/** Where the suite is to run. */
export interface GatewayFixtureOptions {
  /** The node, or what stands before it. Its RPC is written to, its gateway is read. */
  readonly server: Pick<KuboServer, "version" | "rpc" | "gateway">;
}

/**
 * What a gateway shows, as the suite takes it. A gateway can only be read, so writes go through the RPC of its node: `put`
 * and `update` are those of the other adapter, `get`, `has` and `resolve` those of this one. A proxy before each makes
 * both fail at once.
 */
export function gatewayFixture({ server }: GatewayFixtureOptions): ConformanceFixture {
  async function open({ namespace, signal }: OpenOptions): Promise<Opened> {
    const [rpc, gateway] = await Promise.all([
      startFaultProxy({ target: server.rpc, signal, reads }),
      startFaultProxy({ target: server.gateway, signal }),
    ]);
    const token = randomUUID();
    const headers = { authorization: `Bearer ${token}` };
    const nameKey = createHash("sha256").update(namespace).digest();
    const node = { node: rpc.url, headers };
    const place = { url: gateway.url, headers };
    return {
      storage: storageOf(node, place),
      names: namesOf(node, place, nameKey),
      requests: () => rpc.requests() + gateway.requests(),
      faults: faultsOf(rpc, gateway),
      secrets: [token, nameKey.toString("hex"), nameKey.toString("base64")],
    };
  }

  return {
    name: "ipfs gateway",
    service: `the gateway of Kubo ${server.version}`,
    // A busy machine must not skip what is skipped on slow services: a thousand contents, one by one.
    limits: { timeoutMs: 180_000, settleMs: 60_000 },
    create: open,
    reopen: open,
  };
}

/** What the RPC is asked for, by POST: the gateway reads by GET. */
const reads = ({ path }: { readonly path: string }): boolean =>
  /^\/api\/v0\/(block|name|routing)\/get\b/.test(path);

// What is declared is what the gateway's own halves declare: others may have a cache before them.
function storageOf(node: NodeOptions, place: GatewayOptions): StorageBackend {
  const written = ipfsStorage(node);
  const shown = openGateway(place);
  const { largestContent } = written.capabilities;
  return {
    name: shown.name,
    capabilities: { ...shown.capabilities, largestContent },
    put: (content, options) => written.put(content, options),
    get: (address, options) => shown.get(address, options),
    has: (address, options) => shown.has(address, options),
    close: () => closeAll([written, shown]),
  };
}

function namesOf(node: NodeOptions, place: GatewayOptions, nameKey: Uint8Array): NameResolver {
  const [written, shown] = [ipfsStorage(node), openGateway(place)];
  const updated = ipnsNames({ nameKey, storage: written, routes: [kuboRoute(node)] });
  const resolved = ipnsNames({ nameKey, storage: shown, routes: [gatewayRoute(place)] });
  return {
    name: resolved.name,
    capabilities: updated.capabilities,
    update: (name, content, options) => updated.update(name, content, options),
    resolve: (name, options) => resolved.resolve(name, options),
    close: () => closeAll([updated, resolved, written, shown]),
  };
}

/** What was never put is looked for in vain, so the search is short. */
function openGateway(place: GatewayOptions): StorageBackend {
  return gatewayStorage({ ...place, searchMilliseconds: 1_000 });
}

async function closeAll(opened: readonly { readonly close?: () => Promise<void> }[]): Promise<void> {
  await Promise.all(opened.map(async (one) => one.close?.()));
}

function faultsOf(...proxies: readonly FaultProxy[]): FaultControl {
  const all = proxies.map(({ faults }) => faults);
  return {
    kinds: all[0]!.kinds,
    async begin(fault) {
      await Promise.all(all.map(async (one) => one.begin(fault)));
    },
    async end() {
      await Promise.all(all.map(async (one) => one.end()));
    },
    sent: () => all.reduce((sum, one) => sum + (one.sent?.() ?? 0), 0),
    met: () => all.reduce((sum, one) => sum + (one.met?.() ?? 0), 0),
  };
}
