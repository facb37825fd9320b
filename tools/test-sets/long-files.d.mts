export declare const longFiles: readonly (readonly string[])[];
export declare function longFilesLeftOut(seed: number, groups?: readonly (readonly string[])[]): string[];
