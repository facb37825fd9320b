// How much of an answer the SDK gets to read. It collects errors, and the answers to writes and lists, without a limit of its
// own, however long a service makes them.

import { TooLargeError } from "@remote-log/core";
import { type BodyLike, isWebPage, readBody, withDeadline } from "@remote-log/core/adapter";
import { ANSWER_TOO_LONG, ServiceFailure, WEB_PAGE } from "./service-failure.ts";

/** The most bytes of an error, and of the answer to a write. A service needs a few hundred. */
export const ANSWER_BYTES: number = 64 * 1024;

/** The most bytes of one page of a list: 1,000 keys of 1,024 bytes, and as much again about them. */
export const LIST_BYTES: number = 2 * 1024 * 1024;

/** How long the body of an error may take to come, in milliseconds: its status is known already. */
const ERROR_MILLISECONDS = 5_000;

/**
 * What a command is answered with if it succeeds: a content, which the adapter reads itself, up to its own limit; or something
 * that the SDK reads.
 */
export type AnswerKind = "content" | "list" | "nothing";

/** What is used of the stack of a command. */
interface Stack {
  add(
    middleware: (next: Handler) => Handler,
    options: { readonly step: "deserialize"; readonly priority: "low"; readonly name: string },
  ): void;
}

/** The next step of a request, towards the network; the last one gives the answer as it came. */
type Handler = (args: { input: object; request: unknown }) => Promise<{ response: unknown }>;

/** An answer as it came: with a stream of Node.js, of the web, or (of old browsers) with a blob. */
interface Answer {
  readonly statusCode: number;
  body?: unknown;
}

/**
 * Has the SDK read no more of the answer to a command than a service needs to say what there is to say. The client stays as it
 * is: this belongs to the command.
 *
 * An error that is longer, slower or broken off is known by its status. Any other answer that is longer is a `ServiceFailure`
 * with the code {@link ANSWER_TOO_LONG}, and a page in HTML that says yes to a write is one with {@link WEB_PAGE}: no service has
 * carried that write out.
 *
 * @returns the command
 */
export function bounded<C extends { readonly middlewareStack: object }>(command: C, kind: AnswerKind): C {
  const limit = kind === "list" ? LIST_BYTES : ANSWER_BYTES;
  const bound = (next: Handler): Handler => {
    return async (args) => {
      const result = await next(args);
      const answer = result.response as Answer;
      if (answer.statusCode >= 300) answer.body = await readError(answer);
      else if (kind !== "content")
        answer.body = await readAnswer(bodyOf(answer.body), answer.statusCode, limit);
      return result;
    };
  };
  // The type of a stack names the input of its command, which is of no matter here.
  const stack = command.middlewareStack as unknown as Stack;
  // The last of all before the network: nobody else has read of the answer yet.
  stack.add(bound, { step: "deserialize", priority: "low", name: "boundAnswer" });
  return command;
}

/**
 * Reads an answer that is no content.
 *
 * @throws ServiceFailure with the code {@link ANSWER_TOO_LONG} if it is longer than the limit, or {@link WEB_PAGE} if it is a page
 */
export async function readAnswer(body: BodyLike, status: number, limit: number): Promise<Uint8Array> {
  let text: Uint8Array;
  try {
    text = await readBody(body, { limit, operation: "s3.answer", what: "an answer" });
  } catch (error) {
    if (!(error instanceof TooLargeError)) throw error;
    throw new ServiceFailure({ code: ANSWER_TOO_LONG, text: "", status });
  }
  if (isWebPage(text)) throw new ServiceFailure({ code: WEB_PAGE, text: "", status });
  return text;
}

async function readError(answer: Answer): Promise<Uint8Array> {
  const operation = "s3.answer";
  const deadline = { milliseconds: ERROR_MILLISECONDS, operation, backend: "The service" };
  return withDeadline(deadline, (signal) =>
    readBody(bodyOf(answer.body), { limit: ANSWER_BYTES, operation, what: "an error", signal }),
  ).catch(() => new Uint8Array(0));
}

/** The body of an answer, as the adapter reads it. */
export function bodyOf(body: unknown): BodyLike {
  if (body instanceof Uint8Array) return { body: piecesOf(body) };
  if (typeof Blob === "function" && body instanceof Blob) return { body: body.stream() };
  const given = (body ?? null) as
    | NonNullable<BodyLike["body"]>
    | null
    | { transformToWebStream(): ReadableStream<Uint8Array> };
  // Old browsers give the SDK a Blob in place of a stream.
  const isStream = given === null || "getReader" in given || Symbol.asyncIterator in given;
  return { body: isStream ? given : given.transformToWebStream() };
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
