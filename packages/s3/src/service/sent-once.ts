// How often the SDK sends a command: once. Whoever uses the adapter repeats what failed, by one policy and within one budget; the
// SDK's own attempts would multiply with those, and a service in trouble would get each request many times.

/** What is used of the stack of a command. */
interface Stack {
  add(
    middleware: (next: Handler) => Handler,
    options: {
      readonly step: "finalizeRequest";
      readonly priority: "high";
      readonly name: string;
      readonly tags: readonly string[];
      readonly override: true;
    },
  ): void;
}

/** The next step of a request, towards the network: it signs the request, and sends it. */
type Handler = (args: object) => Promise<object>;

/**
 * Has the SDK send a command once, and once more if the service said that the clock of this machine is wrong: with that answer the
 * SDK has learned the time, and signs by it. The client stays as it is: this belongs to the command.
 *
 * @returns the command
 */
export function sentOnce<C extends { readonly middlewareStack: object }>(command: C): C {
  const once = (next: Handler): Handler => {
    return async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (!hasCorrectedClock(error)) throw error;
        return next(args);
      }
    };
  };
  // The type of a stack names the input of its command, which is of no matter here.
  const stack = command.middlewareStack as unknown as Stack;
  // In the place, and by the name, of the SDK's own: what signs a request is put behind that name.
  stack.add(once, {
    step: "finalizeRequest",
    priority: "high",
    name: "retryMiddleware",
    tags: ["RETRY"],
    override: true,
  });
  return command;
}

/** The statuses with which services refuse a signature of another time. */
const REFUSALS: ReadonlySet<unknown> = new Set([400, 401, 403]);

// While the clock is wrong, the SDK says of every failure that it has corrected it, also of one that would come again.
function hasCorrectedClock(error: unknown): boolean {
  const { $metadata = {} } = (error ?? {}) as {
    readonly $metadata?: { readonly clockSkewCorrected?: unknown; readonly httpStatusCode?: unknown };
  };
  return $metadata.clockSkewCorrected === true && REFUSALS.has($metadata.httpStatusCode);
}
