// What a device must know of its group to come back to it: kept beside its journals.

import type { KeyValueDatabase } from "@remote-log/core";
import { decodeUtf8, encodeUtf8 } from "@remote-log/core/adapter";

const views = { keyEncoding: "view", valueEncoding: "view" } as const;

/**
 * The names of the settings: the group's id, the invitation with which the device came, the members for whose removal the keys were
 * changed, the invitations whose welcomes are not published yet, the parts of what is being attached.
 */
export type SettingName = "group" | "invite" | "shut-out" | "welcomes" | `attachment/${string}`;

/** A few texts by name, durable when they are set. */
export class Settings {
  readonly #database: KeyValueDatabase;

  constructor(database: KeyValueDatabase) {
    this.#database = database;
  }

  /** The text of a setting. */
  async get(name: SettingName): Promise<string | undefined> {
    const value = await this.#database.get(encodeUtf8(name), views);
    return value && decodeUtf8(value);
  }

  /** Sets the text of a setting. */
  async set(name: SettingName, value: string): Promise<void> {
    const operation = { type: "put", key: encodeUtf8(name), value: encodeUtf8(value) } as const;
    await this.#database.batch([operation], { ...views, sync: true });
  }

  /** The list of a setting: empty if it was never set. */
  async list<T extends string | number>(name: SettingName): Promise<readonly T[]> {
    const text = await this.get(name);
    return text === undefined ? [] : (JSON.parse(text) as T[]);
  }

  /** Sets the list of a setting. */
  setList(name: SettingName, list: readonly (string | number)[]): Promise<void> {
    return this.set(name, JSON.stringify(list));
  }
}
