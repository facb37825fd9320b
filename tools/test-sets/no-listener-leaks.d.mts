export declare function failOnListenerLeaks(warning: Error): void;
