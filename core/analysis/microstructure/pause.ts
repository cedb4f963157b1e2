/**
 * A longer pause between two seconds means that the market was not watched, and what is told from many minutes of trades begins anew.
 * A shorter one is a process that was busy, whose trades come a little late.
 */
export const LONGEST_PAUSE_MS = 60_000;
