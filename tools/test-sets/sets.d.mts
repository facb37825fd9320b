export type TestSet = "node" | "mixed" | "servers" | "browsers";
export declare const root: string;
export declare const sets: readonly TestSet[];
export declare function setOf(path: string, text: string): TestSet;
export declare function sharesWorker(path: string, text: string): boolean;
export declare function filesThatShare(): { node: string[]; mixed: string[] };
export declare function testFiles(): string[];
export declare function filesBySet(): Record<TestSet, string[]>;
