/**
 * The practice market's options: nobody trades them, so that there is no recording to play. They are quoted around Black's price with the
 * perpetual's middle as the forward, no interest and one fixed volatility for every strike and expiry.
 */

/** A year's, about what options on both coins implied in the spring of 2020, the crash of March left out. */
export const VOLATILITY = 0.8;

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const YEAR_MS = 365 * DAY_MS;
const EXPIRY_MS = 8 * 3_600_000;
/** 2 January 1970 was a Friday. */
const FIRST_EXPIRY = DAY_MS + EXPIRY_MS;
/** Fridays ahead on which options expire. */
const EXPIRIES = 4;
/** Share of the price by which the listed strikes lie around it. */
const STRIKE_RANGE = 0.3;

/** Coins; price steps of both coins' options, as on Deribit. */
const TICK = 0.0005;
/** Half of the distance between bid and ask as a share of the price; never less than half a tick. */
const HALF_SPREAD = 0.015;

interface Terms {
  /** USD. */
  readonly strikeStep: number;
  /** Coins. */
  readonly amountStep: number;
}
const TERMS: Readonly<Record<string, Terms>> = {
  BTC: { strikeStep: 500, amountStep: 0.1 },
  ETH: { strikeStep: 10, amountStep: 1 },
};

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const NAME = /^([A-Z]+)-(\d{1,2}[A-Z]{3}\d{2})-(\d{1,9})-([CP])$/;

export interface LabOption {
  readonly name: string;
  readonly base: string;
  readonly expiresAt: number;
  /** USD. */
  readonly strike: number;
  readonly call: boolean;
}

/** Fridays at 08:00 UTC, the next ones after `now`. */
function expiriesAfter(now: number): number[] {
  const next = FIRST_EXPIRY + (Math.floor((now - FIRST_EXPIRY) / WEEK_MS) + 1) * WEEK_MS;
  return Array.from({ length: EXPIRIES }, (_, week) => next + week * WEEK_MS);
}

/** `1MAY20` */
function dateText(time: number): string {
  const date = new Date(time);
  return `${date.getUTCDate()}${MONTHS[date.getUTCMonth()] as string}${String(date.getUTCFullYear() % 100).padStart(2, '0')}`;
}

/** What is listed while the perpetual's middle is `spot`: calls and puts around it. */
export function listedOptions(base: string, now: number, spot: number): LabOption[] {
  const terms = TERMS[base];
  if (terms === undefined) return [];
  const { strikeStep } = terms;
  const listed: LabOption[] = [];
  for (const expiresAt of expiriesAfter(now)) {
    const last = Math.floor((spot * (1 + STRIKE_RANGE)) / strikeStep) * strikeStep;
    for (let strike = Math.ceil((spot * (1 - STRIKE_RANGE)) / strikeStep) * strikeStep; strike <= last; strike += strikeStep) {
      for (const call of [true, false])
        listed.push({ name: `${base}-${dateText(expiresAt)}-${strike}-${call ? 'C' : 'P'}`, base, expiresAt, strike, call });
    }
  }
  return listed;
}

/** An option of a listed expiry and of whatever strike on the grid: one that was listed stays so when the price leaves it. */
export function optionNamed(name: string, now: number): LabOption | undefined {
  const [, base = '', date, strikeText, right] = NAME.exec(name) ?? [];
  const terms = TERMS[base];
  const strike = Number(strikeText);
  const expiresAt = expiriesAfter(now).find((candidate) => dateText(candidate) === date);
  if (terms === undefined || expiresAt === undefined || !(strike > 0) || strike % terms.strikeStep !== 0) return undefined;
  return { name, base, expiresAt, strike, call: right === 'C' };
}

/**
 * Black's price of a European option on a forward without interest, in the forward's currency.
 * Source: F. Black, "The pricing of commodity contracts", 1976.
 */
export function blackPrice(forward: number, strike: number, years: number, volatility: number, call: boolean): number {
  const deviation = volatility * Math.sqrt(years);
  if (!(deviation > 0)) return Math.max(0, call ? forward - strike : strike - forward);
  const d1 = Math.log(forward / strike) / deviation + deviation / 2;
  const d2 = d1 - deviation;
  return call
    ? forward * normalDistribution(d1) - strike * normalDistribution(d2)
    : strike * normalDistribution(-d2) - forward * normalDistribution(-d1);
}

/** Within 1e-7. Source: Abramowitz and Stegun, 26.2.17. */
function normalDistribution(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (series * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
  return x >= 0 ? 1 - tail : tail;
}

/** The `data` of a `quote.{instrument}` notification, which Deribit writes for perpetuals alike; a side without an order is 0. */
export function quoteText(name: string, time: number, bid: number, bidAmount: number, ask: number, askAmount: number): string {
  return `{"timestamp":${time},"instrument_name":"${name}","best_bid_price":${bid},"best_bid_amount":${bidAmount},"best_ask_price":${ask},"best_ask_amount":${askAmount}}`;
}

/** An option's quote while the perpetual's middle is `spot`. Its amounts hang on its name only. */
export function optionQuote({ name, base, expiresAt, strike, call }: LabOption, now: number, time: number, spot: number): string {
  const price = blackPrice(spot, strike, Math.max(0, expiresAt - now) / YEAR_MS, VOLATILITY, call) / spot;
  const half = Math.max(TICK / 2, HALF_SPREAD * price);
  const bid = coins(Math.max(0, Math.floor((price - half) / TICK)));
  const ask = coins(Math.max(1, Math.ceil((price + half) / TICK)));
  const { amountStep } = TERMS[base] as Terms;
  const amount = (salt: number): number => Number(((10 + (hash(name, salt) % 90)) * amountStep).toFixed(1));
  return quoteText(name, time, bid, bid === 0 ? 0 : amount(1), ask, amount(2));
}

function coins(ticks: number): number {
  return Number((ticks * TICK).toFixed(4));
}

/** FNV-1a. */
function hash(text: string, salt: number): number {
  let value = 2_166_136_261 ^ salt;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16_777_619);
  return value >>> 0;
}

/** An entry of `public/get_instruments`. */
export function optionInstrument({ name, base, expiresAt, strike, call }: LabOption): object {
  const { amountStep } = TERMS[base] as Terms;
  return {
    kind: 'option',
    instrument_name: name,
    instrument_type: 'reversed',
    option_type: call ? 'call' : 'put',
    is_active: true,
    state: 'open',
    strike,
    tick_size: TICK,
    tick_size_steps: [],
    contract_size: 1,
    min_trade_amount: amountStep,
    base_currency: base,
    quote_currency: base,
    counter_currency: 'USD',
    settlement_currency: base,
    settlement_period: 'week',
    price_index: `${base.toLowerCase()}_usd`,
    maker_commission: 0.0003,
    taker_commission: 0.0003,
    creation_timestamp: expiresAt - EXPIRIES * WEEK_MS,
    expiration_timestamp: expiresAt,
  };
}
