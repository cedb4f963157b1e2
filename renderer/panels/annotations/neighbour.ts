/** The item `step` places after the one with `id`, kept within the list; without a known one, the first when going down, else the last. */
export function neighbourOf<T extends { readonly id: string }>(
  items: readonly T[],
  id: string | undefined,
  step: 1 | -1,
): T | undefined {
  const index = items.findIndex((item) => item.id === id);
  if (index < 0) return step > 0 ? items[0] : items.at(-1);
  return items[Math.min(Math.max(index + step, 0), items.length - 1)];
}
