import { type Fault, type Spell, SPELLS } from './fault.ts';

/** One venue's faults: what is still to come, and what goes on now. */
export class FaultScript {
  readonly #pending: Fault[] = [];
  #spells: Fault[] = [];

  constructor(faults: readonly Fault[] = []) {
    for (const fault of faults) this.add(fault);
  }

  add(fault: Fault): void {
    this.#pending.push(fault);
    this.#pending.sort((a, b) => a.at - b.at);
    if (isSpell(fault)) this.#spells.push(fault);
  }

  /** Takes the faults that have come due, each once. */
  due(now: number): readonly Fault[] {
    if (this.#pending.length === 0 || (this.#pending[0] as Fault).at > now) return NONE;
    let count = 0;
    while (count < this.#pending.length && (this.#pending[count] as Fault).at <= now) count++;
    return this.#pending.splice(0, count);
  }

  /** The fault of this kind that goes on now. */
  active(kind: Spell, now: number): Fault | undefined {
    if (this.#spells.length === 0) return undefined;
    if (this.#spells.some((fault) => fault.at + fault.durationMs <= now))
      this.#spells = this.#spells.filter((fault) => fault.at + fault.durationMs > now);
    return this.#spells.find((fault) => fault.kind === kind && fault.at <= now);
  }

  /** Whether the streams are to say nothing now. */
  silent(now: number): boolean {
    return this.active('stop', now) !== undefined || this.active('silent', now) !== undefined;
  }

  /** A time as the venue's streams write it. */
  stamp(time: number): number {
    if (this.#spells.length === 0) return time;
    return this.active('micros', time) === undefined ? time : time * 1_000;
  }

  /** The venue's clock, which may be off. */
  clock(now: number): number {
    return now + (this.active('skew', now)?.byMs ?? 0);
  }
}

const NONE: readonly Fault[] = [];

function isSpell({ kind }: Fault): boolean {
  return (SPELLS as readonly string[]).includes(kind);
}
