// The entry of the generator, for programs.

export { type AdapterName, standaloneName, workspaceName } from "./adapter-name.ts";
export { type CreateAdapterCode, CreateAdapterError } from "./create-adapter-error.ts";
export { type ProgramOptions, runCreateAdapter } from "./program.ts";
export { createStandalone } from "./standalone.ts";
export { type AdapterKind, adapterKinds } from "./template.ts";
export { createInWorkspace, findWorkspace, type WorkspaceAdapter } from "./workspace.ts";
