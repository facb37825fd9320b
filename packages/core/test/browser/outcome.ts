import { type Commands, commands } from "./commands.ts";

/** Which command to run, on what. */
export interface Call {
  readonly name: keyof Commands;
  readonly parameters: unknown[];
}

/** What became of a command: its value, or what an error says of itself, since errors don't travel whole. */
export type Outcome = { readonly value: unknown } | { readonly failure: Record<string, unknown> };

/** Runs a command in this tab or worker. */
export async function run({ name, parameters }: Call): Promise<Outcome> {
  const command = commands[name] as (...parameters: unknown[]) => Promise<unknown>;
  try {
    return { value: await command(...parameters) };
  } catch (error) {
    const { name: kind, message, stack } = error as Error;
    const { code, offered, verified } = error as { code?: string; offered?: number; verified?: number };
    return { failure: { name: kind, message, code, offered, verified, remoteStack: stack } };
  }
}
