import type { LabInstrument } from '../instruments.ts';

/** Writes whole numbers of a price or quantity step as decimals. */
export class StepText {
  readonly #units: number;
  readonly #scale: number;
  readonly #decimals: number;

  constructor(decimals: number, units = 1) {
    this.#units = units;
    this.#decimals = decimals;
    this.#scale = 10 ** decimals;
  }

  /** With all decimals: `193.40`. */
  text(steps: number): string {
    const value = steps * this.#units;
    if (this.#decimals === 0) return String(value);
    const whole = Math.floor(value / this.#scale);
    return `${whole}.${String(value - whole * this.#scale).padStart(this.#decimals, '0')}`;
  }

  /** The nearest double: `193.4`. */
  number(steps: number): number {
    return (steps * this.#units) / this.#scale;
  }

  get step(): string {
    return this.text(1);
  }
}

/** How an instrument's prices, quantities and amounts are written. */
export interface Steps {
  readonly tick: StepText;
  readonly lot: StepText;
  /** A kline's `quote` in units of the quote currency, or of the base currency where the instrument is inverse. */
  amount(value: number): number;
}

export function stepsOf({ tickDecimals, tickUnits, lotDecimals, lotUnits, inverse }: LabInstrument): Steps {
  const tick = new StepText(tickDecimals, tickUnits);
  const lot = new StepText(lotDecimals, lotUnits);
  const factor = inverse === true ? lot.number(1) / tick.number(1) : lot.number(1) * tick.number(1);
  return { tick, lot, amount: (value) => value * factor };
}
