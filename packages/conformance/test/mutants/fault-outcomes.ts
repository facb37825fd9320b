import { DeniedError, RemoteLogError, UnreachableError } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";
import { SECRET } from "./service.ts";
import { everywhere, otherwise } from "./wrap.ts";

const never = new Promise<never>(() => undefined);

/** It shows only if its first attempt was carried out, and the answer to it lost. */
export const ownAttemptMutant: Mutant = {
  fault: "takes its own first attempt for the write of another",
  caughtBy: ["CAS-FAULT-24", "NS-FAULT-14"],
  broken: ({ storage, names }, { contents }) => ({
    storage: {
      put: (content, options) =>
        otherwise(storage.put(content, options), UnreachableError, async () => {
          const before = contents.size;
          await new Promise<void>((resolve) => {
            setTimeout(resolve, 30);
          });
          const address = await storage.put(content, options);
          if (contents.size > before) return address;
          throw new DeniedError("It exists.", { operation: "storage.put" });
        }),
    },
    names: {
      update: (name, content, options) =>
        otherwise(names.update(name, content, options), UnreachableError, async () => {
          await new Promise<void>((resolve) => {
            setTimeout(resolve, 30);
          });
          return names.update(name, content, options);
        }),
    },
  }),
};

/** Adapters that can't deal with what they don't know, or never get well again. */
const outcomes: readonly Mutant[] = [
  {
    fault: "cleans up after a failure that was none",
    caughtBy: ["CAS-FAULT-23", "NS-FAULT-13"],
    broken: ({ storage, names }, { contents, table }) => ({
      storage: {
        put: (content, options) =>
          otherwise(storage.put(content, options), UnreachableError, (error) => {
            for (const [text, held] of contents) contents.set(text, held.subarray(0, 10));
            throw error;
          }),
      },
      names: {
        update: (name, content, options) =>
          otherwise(names.update(name, content, options), UnreachableError, (error) => {
            const revision = table.values.get(name)?.revision ?? "1";
            table.values.set(name, { status: "found", content: new Uint8Array(3), revision });
            throw error;
          }),
      },
    }),
  },
  ownAttemptMutant,
  {
    fault: "never deletes what it failed to delete once",
    caughtBy: ["CAS-FAULT-26"],
    broken: ({ storage }, { contents }) => {
      const kept = new Map<string, Uint8Array>();
      return {
        storage: {
          async delete(address, options) {
            const key = String(address);
            const before = contents.get(key);
            await otherwise(
              Promise.resolve(storage.delete?.(address, options)),
              UnreachableError,
              (error) => {
                if (before !== undefined) kept.set(key, before);
                throw error;
              },
            );
            const held = kept.get(key);
            if (held !== undefined) contents.set(key, held);
          },
        },
      };
    },
  },
  {
    fault: "keeps a connection on which an answer was cut off, and waits for the next answer there",
    timeoutMs: 200,
    caughtBy: ["CAS-FAULT-27", "NS-FAULT-16"],
    broken: (sound, world) => {
      let poisoned = false;
      return everywhere((work) => {
        if (poisoned) return never;
        return otherwise(work(), Error, (error) => {
          poisoned = !(error instanceof RemoteLogError);
          throw error;
        });
      })(sound, world);
    },
  },
];

/** An error of a client whose prototype has a getter for the request, as those of several HTTP clients have. */
class ClientError extends Error {
  readonly #request = { headers: { authorization: `Bearer ${SECRET}` } };
  get request(): object {
    return this.#request;
  }
}

/** Adapters that tell their secrets. */
const talkative: readonly Mutant[] = [
  tells("says its key in the message of an error", { message: `The key ${SECRET} is wrong.` }),
  tells("keeps the request with its key in the cause of an error", {
    cause: Object.defineProperty(new Error("403"), "request", {
      value: { headers: new Map([["authorization", `Bearer ${SECRET}`]]) },
      enumerable: false,
    }),
  }),
  tells("says in an error how it authenticated, as Basic", {
    message: `401 for Authorization: Basic ${btoa(`user:${SECRET}`)}`,
  }),
  tells("says its key in an error as base64", { message: `The key ${btoa(SECRET)} is wrong.` }),
  tells("says its key in an error as hexadecimal digits", {
    cause: new Error(Array.from(SECRET, (one) => one.charCodeAt(0).toString(16)).join("")),
  }),
  tells("says its key in the URL of an error, percent-encoded", {
    cause: new Error(`GET /x?key=${SECRET.replaceAll("-", "%2D")}`),
  }),
  tells("keeps its key in a cause, behind a getter of the prototype", { cause: new ClientError("403") }),
];

function tells(fault: string, said: { readonly message?: string; readonly cause?: unknown }): Mutant {
  return {
    fault,
    caughtBy: ["CAS-FAULT-28", "NS-FAULT-17"],
    broken: everywhere((work) =>
      otherwise(work(), RemoteLogError, () => {
        const { message = "It did not work.", cause } = said;
        throw new UnreachableError(message, { operation: "storage.get", cause });
      }),
    ),
  };
}

/** Adapters that do not get well again, and those that tell their secrets. */
export const faultOutcomeMutants: readonly Mutant[] = [...outcomes, ...talkative];
