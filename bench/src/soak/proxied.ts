import {
  type FaultProxy,
  type FaultProxyOptions,
  startFaultProxy,
} from "@remote-log/conformance/fault-proxy";
import type { Trouble } from "./place.ts";

type ProxyTrouble = Extract<Trouble, "killed" | "frozen" | "full" | "lying">;

const FAULTS = { killed: "unreachable", frozen: "silent", full: "quota", lying: "corrupt" } as const;

/** The troubles that a proxy makes. */
export const PROXIED: readonly ProxyTrouble[] = ["killed", "frozen", "full", "lying"];

/** A proxy before a service, which makes it fail: connections are cut, answers stay out or are changed, writes find no room. */
export class Proxied {
  readonly url: string;
  readonly #proxy: FaultProxy;

  private constructor(proxy: FaultProxy) {
    this.#proxy = proxy;
    this.url = proxy.url;
  }

  static async before(options: FaultProxyOptions): Promise<Proxied> {
    return new Proxied(await startFaultProxy(options));
  }

  /** Whether a proxy makes this trouble; then it has begun. */
  async begin(trouble: Trouble): Promise<boolean> {
    const isOwn = PROXIED.some((one) => one === trouble);
    if (isOwn) await this.#proxy.faults.begin(FAULTS[trouble as ProxyTrouble]);
    return isOwn;
  }

  /** Changes what is behind the proxy while nobody gets through: as one step. */
  async unseen(change: () => Promise<void>): Promise<void> {
    await this.begin("killed");
    // What was on its way has arrived by then.
    await new Promise((next) => setTimeout(next, 200));
    await change();
    await this.end();
  }

  async end(): Promise<void> {
    await this.#proxy.faults.end();
  }

  async stop(): Promise<void> {
    await this.#proxy.stop();
  }
}
