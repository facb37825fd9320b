export declare const plannedReports: readonly string[];
export declare function plannedCases(name: string): readonly string[] | undefined;
export declare function plannedIds(name: string, ids: readonly string[]): string[];
