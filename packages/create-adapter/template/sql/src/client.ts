// Stands for the pool of a database's client, and for the database: maps that know the statements of `statements.ts` and
// no others. Replace this file by the pool of your client.

import * as sql from "./statements.ts";

/** A row of a result. A client of PostgreSQL gives `bigint` as text. */
export interface Row {
  readonly [column: string]: unknown;
}

/** What a pool offers. */
export interface Pool {
  /**
   * Sends a statement. If the signal fires meanwhile, end the connection that it was sent on, and give it back only once: a
   * silent database would hold it, and the pool's end with it.
   */
  query(text: string, values: readonly unknown[], signal: AbortSignal): Promise<readonly Row[]>;
  /** Closes every connection. */
  end(): Promise<void>;
}

/** What a database refuses, with a code of five characters (SQLSTATE). */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: string;

  constructor(code: string) {
    super(`The database refused: ${code}`);
    this.code = code;
  }
}

/** Everything that the database holds. */
export class Service {
  readonly contents: Map<string, Uint8Array> = new Map();
  readonly names: Map<string, { readonly content: Uint8Array; readonly revision: string }> = new Map();
  revisions = 0;
}

type Statement = (service: Service, values: readonly unknown[]) => readonly Row[];

const statements: Readonly<Record<string, Statement>> = {
  [sql.putContent]: ({ contents }, [address, bytes]) => {
    contents.set(String(address), bytes as Uint8Array);
    return [];
  },
  [sql.getContent]: ({ contents }, [address]) => {
    const bytes = contents.get(String(address));
    return bytes === undefined ? [] : [{ bytes }];
  },
  [sql.hasContent]: ({ contents }, [address]) => (contents.has(String(address)) ? [{ one: 1 }] : []),
  [sql.deleteContent]: ({ contents }, [address]) => {
    contents.delete(String(address));
    return [];
  },
  [sql.listContents]: ({ contents }, [after]) => {
    const behind = [...contents.keys()].filter((address) => address > String(after)).sort();
    return behind.slice(0, 500).map((address) => ({ address }));
  },
  [sql.createName]: (service, [name, content]) =>
    service.names.has(String(name)) ? [] : [setName(service, String(name), content)],
  [sql.updateName]: (service, [name, content, expected]) =>
    service.names.get(String(name))?.revision === expected ? [setName(service, String(name), content)] : [],
  [sql.resolveName]: ({ names }, [name, known]) => {
    const found = names.get(String(name));
    return found === undefined ? [] : [found.revision === known ? { ...found, content: null } : found];
  },
};

function setName(service: Service, name: string, content: unknown): Row {
  const revision = String(++service.revisions);
  service.names.set(name, { content: content as Uint8Array, revision });
  return { revision };
}

/**
 * Opens a pool. Nothing is sent before the first statement.
 *
 * @param lost - told of an error of the pool itself, such as an idle connection that was reset. Listen to the event `error` of
 * a real pool for as long as it lives: one that nobody listens to ends the process
 */
export function openPool(service: Service, _lost: (error: unknown) => void): Pool {
  return {
    async query(text, values, signal) {
      signal.throwIfAborted();
      const statement = statements[text];
      if (statement === undefined) throw new DatabaseError("42601");
      return statement(service, values);
    },
    async end() {},
  };
}
