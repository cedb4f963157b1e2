/** Texts for numbers and times on screen. Nothing here reads a clock; times are UTC. */

const grouped = new Map<number, Intl.NumberFormat>();

/** `12345.678` → `12,345.68` with a fixed number of decimals. */
export function formatNumber(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  let format = grouped.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    grouped.set(decimals, format);
  }
  // Avoids "-0.00".
  return format.format(Math.abs(value) < 0.5 * 10 ** -decimals ? 0 : value);
}

export function formatSigned(value: number, decimals: number): string {
  const text = formatNumber(value, decimals);
  return value > 0 && Number(text.replaceAll(',', '')) !== 0 ? `+${text}` : text.replace('-', '−');
}

/** Decimal text as the services send it, grouped and with a fixed number of decimals. */
export function formatDecimal(text: string, decimals: number): string {
  return formatNumber(Number(text), decimals);
}

/** Three significant digits and a unit: `1.23k`, `45.6M`. For bars and tables, cheap enough for display rate. */
export function formatCompact(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e9) return `${scaled(value / 1e9)}B`;
  if (size >= 1e6) return `${scaled(value / 1e6)}M`;
  if (size >= 1e3) return `${scaled(value / 1e3)}k`;
  return size === 0 ? '0' : scaled(value);
}

function scaled(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** Digits after the point of a step such as `0.01`; trailing zeros do not count. */
export function decimalsOf(step: string): number {
  const fraction = step.split('.')[1];
  return fraction === undefined ? 0 : fraction.replace(/0+$/, '').length;
}

/** A share such as 0.123 as `12.3 %`. */
export function formatShare(share: number, decimals = 1): string {
  return `${formatNumber(100 * share, decimals)} %`;
}

/** A return such as 0.00123 as `+0.123 %`. */
export function formatReturn(value: number, decimals = 3): string {
  return `${formatSigned(100 * value, decimals)} %`;
}

export function formatClock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

export function formatDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** `04-26 13:05:09`. */
export function formatDateTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(5, 10)} ${formatClock(ms)}`;
}

/** `3 d 4 h`, `2 h 5 min`, `41 s`. */
export function formatDuration(seconds: number): string {
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** How long a trade lasted, in one unit that a narrow column holds: `45s`, `23m`, `3.5h`, `2.1d`. */
export function formatHeld(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 1) return `${Math.round(ms / 1_000)}s`;
  if (minutes < 100) return `${Math.round(minutes)}m`;
  return minutes < 48 * 60 ? `${(minutes / 60).toFixed(1)}h` : `${(minutes / 1440).toFixed(1)}d`;
}

/** `450 ms`, `1.2 s`, then as a duration. */
export function formatAge(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : formatDuration(ms / 1_000);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${formatNumber(bytes / 1024, 0)} kB`;
  if (bytes < 1024 ** 3) return `${formatNumber(bytes / 1024 ** 2, 1)} MB`;
  return `${formatNumber(bytes / 1024 ** 3, 2)} GB`;
}
