// Payloads as files of a folder that is carried from one device to another: the entry `@remote-log/mvds/folder`.

export { type FolderEvent, type FolderTransportOptions, folderTransport } from "./folder-transport.ts";
