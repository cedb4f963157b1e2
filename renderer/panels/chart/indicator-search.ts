/**
 * How well an indicator fits what was typed, 0 to 1: every word of it must begin a word of the name or of a keyword, or lie within one.
 * The abbreviation itself comes first: `rsi` is the RSI, not all that `reverse` holds. `keywords[0]` is the abbreviation.
 */
export function indicatorFit(name: string, query: string, keywords: readonly string[] = []): number {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const whole = words.join(' ');
  const short = keywords[0]?.toLowerCase() ?? '';
  if (whole === short) return 1;
  const text = [name, ...keywords].join(' ').toLowerCase();
  const known = text.split(/[\s,/]+/);
  let worst = 0.9;
  for (const word of words) {
    if (short.startsWith(word)) continue;
    if (known.some((candidate) => candidate.startsWith(word))) worst = Math.min(worst, 0.7);
    else if (text.includes(word)) worst = Math.min(worst, 0.3);
    else return 0;
  }
  return worst;
}
