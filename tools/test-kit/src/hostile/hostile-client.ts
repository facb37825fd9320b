// A client of a hostile server, in a process of its own.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** How an operation ended. */
export type HostileOutcome =
  | { readonly status: "value"; readonly value: string }
  /** With the reason of the caller's signal. */
  | { readonly status: "aborted" }
  /** Not at all, minutes after its caller gave up. */
  | { readonly status: "hung" }
  | {
      readonly status: "error";
      readonly name?: string;
      readonly code?: string;
      readonly reason?: string;
      readonly message: string;
    };

/** How much memory a client had, in bytes: the resident set. */
interface HostileMemory {
  /** At most, since the last look. */
  readonly most: number;
  /** Now, after a collection of garbage. */
  readonly now: number;
}

/** A client that runs. */
export interface HostileClient {
  /** The names of its operations. */
  readonly operations: readonly string[];
  /** Does an operation. Its caller gives up after a time. */
  run(operation: string, url: string, milliseconds: number): Promise<HostileOutcome>;
  memory(): Promise<HostileMemory>;
  /**
   * Closes what it has open, and waits until its process ends.
   *
   * @returns whether it did
   * @throws Error if it failed
   */
  end(): Promise<boolean>;
  kill(): void;
}

const program = fileURLToPath(new URL("../../programs/hostile-client.mjs", import.meta.url));

/**
 * Starts a client with the operations of a module. Its heap is limited: what collects without end ends it.
 *
 * @param hungMilliseconds - when an operation, or the process, is taken for one that never ends
 * @param node - path of the Node that runs it
 */
export async function startHostileClient(
  module: string,
  hungMilliseconds: number,
  node: string = process.execPath,
): Promise<HostileClient> {
  const child: ChildProcess = fork(program, [module, `${hungMilliseconds}`], {
    execPath: node,
    execArgv: ["--expose-gc", "--max-old-space-size=256"],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting = new Map<unknown, (message: never) => void>();
  const left = once(child, "exit") as Promise<[number | null, string | null]>;
  child.on("message", (message: { readonly id: unknown }) => {
    waiting.get(message.id)?.(message as never);
    waiting.delete(message.id);
  });
  let asked = 0;
  function answerTo<T>(id: unknown): Promise<T> {
    const answered = new Promise<T>((resolve) => waiting.set(id, resolve));
    const gone = left.then(([code, signal]): never => {
      throw ended(code ?? signal);
    });
    return Promise.race([answered, gone]);
  }
  function ask<T>(message: object): Promise<T> {
    asked++;
    const answered = answerTo<T>(asked);
    child.send({ ...message, id: asked });
    return answered;
  }
  left.catch(() => undefined);
  const { operations } = await answerTo<{ operations: readonly string[] }>("ready");
  return {
    operations,
    run: (operation, url, milliseconds) => ask({ kind: "run", operation, url, milliseconds }),
    memory: () => ask({ kind: "memory" }),
    async end() {
      child.send({ kind: "end" });
      const gone = await Promise.race([left, wait(hungMilliseconds, undefined, { ref: false })]);
      if (gone === undefined) return false;
      const [code, signal] = gone;
      if (code !== 0) throw ended(code ?? signal);
      return true;
    },
    kill: () => child.kill("SIGKILL"),
  };
}

/** With this code it ends if it has a gibibyte of memory. */
const TOO_MUCH_MEMORY = 86;

function ended(how: number | string | null): Error {
  const why = how === TOO_MUCH_MEMORY ? "because its memory grew to a gibibyte" : `with ${how}`;
  return new Error(`The client of the hostile server ended ${why}.`);
}
