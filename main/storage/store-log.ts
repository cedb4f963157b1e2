/** Where the store says what the user cannot see: recoveries, drops, failed checkpoints. */
export type StoreLog = (level: 'info' | 'warn' | 'error', message: string) => void;
