/** Every number in a text as the window writes them: `1,234.50`, `+0.38`, `−2`. */
export function numbersIn(text: string): number[] {
  return (text.match(/[-−+]?\d[\d,]*(?:\.\d+)?/g) ?? []).map((number) => Number(number.replaceAll(',', '').replace('−', '-')));
}
