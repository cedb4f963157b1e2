import { dayOfText } from '../../ui/day.ts';

const DAY_MS = 86_400_000;

export type CheckedDays =
  | { readonly ok: true; readonly range: { readonly from: number; readonly to: number } }
  | { readonly ok: false; readonly problem: string };

/** Two days as typed, both included, as [from, to) of market time. */
export function checkDays(from: string, to: string): CheckedDays {
  const first = dayOfText(from);
  const last = dayOfText(to);
  if (first === undefined || last === undefined) return { ok: false, problem: 'Two days such as 2020-04-26 are needed.' };
  if (last < first) return { ok: false, problem: 'The last day lies before the first.' };
  return { ok: true, range: { from: first, to: last + DAY_MS } };
}
