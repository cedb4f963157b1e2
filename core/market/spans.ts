/** [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Spans of [from, to) in which `openTimes` (ascending, on the grid) has nothing. */
export function holesIn(openTimes: Float64Array, from: number, to: number, length: number): Span[] {
  const holes: Span[] = [];
  let expected = from;
  for (const openTime of openTimes) {
    if (openTime >= to) break;
    if (openTime > expected) holes.push({ from: expected, to: openTime });
    expected = Math.max(expected, openTime + length);
  }
  if (expected < to) holes.push({ from: expected, to });
  return holes;
}

/** The parts of `span` that none of `spans` (ascending, apart) covers. */
export function outside(spans: readonly Span[], span: Span): Span[] {
  const parts: Span[] = [];
  let from = span.from;
  for (const known of spans) {
    if (known.to <= from) continue;
    if (known.from >= span.to) break;
    if (known.from > from) parts.push({ from, to: known.from });
    from = known.to;
  }
  if (from < span.to) parts.push({ from, to: span.to });
  return parts;
}

/** `spans` (ascending, apart) with `added`, joined to what it touches. */
export function joined(spans: readonly Span[], added: Span): Span[] {
  const touched = spans.filter((span) => span.from <= added.to && added.from <= span.to);
  const from = Math.min(added.from, ...touched.map((span) => span.from));
  const to = Math.max(added.to, ...touched.map((span) => span.to));
  return [...spans.filter((span) => span.to < added.from), { from, to }, ...spans.filter((span) => span.from > added.to)];
}

/** The parts of `span` that `spans` (ascending, apart) covers. */
export function inside(spans: readonly Span[], span: Span): Span[] {
  const parts: Span[] = [];
  for (const known of spans) {
    const from = Math.max(known.from, span.from);
    const to = Math.min(known.to, span.to);
    if (from < to) parts.push({ from, to });
  }
  return parts;
}

/** Open times (ascending, on the grid) → the spans that they fill without a hole. */
export function runsOf(openTimes: readonly number[], length: number): Span[] {
  const runs: { from: number; to: number }[] = [];
  for (const openTime of openTimes) {
    const last = runs.at(-1);
    if (last?.to === openTime) last.to = openTime + length;
    else runs.push({ from: openTime, to: openTime + length });
  }
  return runs;
}

/** What `layers` say of [from, to): where several do, the last one; where none does, `rest`. Ascending, apart, neighbours differ. */
export function layered<S extends string>(
  from: number,
  to: number,
  rest: S,
  layers: readonly { readonly state: S; readonly spans: readonly Span[] }[],
): (Span & { readonly state: S })[] {
  const edges = new Set([from, to]);
  for (const { spans } of layers) {
    for (const span of spans) {
      if (span.from > from && span.from < to) edges.add(span.from);
      if (span.to > from && span.to < to) edges.add(span.to);
    }
  }
  const sorted = [...edges].sort((a, b) => a - b);
  const result: { from: number; to: number; state: S }[] = [];
  for (let i = 0; i + 1 < sorted.length; i++) {
    const start = sorted[i] as number;
    const end = sorted[i + 1] as number;
    let state = rest;
    for (const layer of layers) if (layer.spans.some((span) => span.from <= start && span.to >= end)) state = layer.state;
    const last = result.at(-1);
    if (last?.state === state) last.to = end;
    else result.push({ from: start, to: end, state });
  }
  return result;
}
