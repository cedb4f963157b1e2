/** `2020-04-26` of a time, in UTC. */
export function dayText(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** First instant of a day as text, in UTC; undefined when it is no day. */
export function dayOfText(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || dayText(time) !== text ? undefined : time;
}

/** First instant of the UTC day that `time` is in. */
export function dayOf(time: number): number {
  return Math.floor(time / 86_400_000) * 86_400_000;
}
