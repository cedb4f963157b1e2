import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { OrderIntent } from '../../../core/contracts/orders.ts';
import { useDesk } from '../../app/desk-context.ts';
import { useAccount } from '../../stores/account.ts';
import { useSelection } from '../../stores/selection.ts';
import { useTicket } from '../../stores/ticket.ts';
import { useSymbolInfo } from '../../stores/watchlist.ts';
import { Button } from '../../ui/Button.tsx';
import { formatDecimal } from '../../ui/format.ts';
import { ModeBadge } from '../../ui/ModeBadge.tsx';
import { Estimate } from './Estimate.tsx';
import { checkTicket, plainDecimal, type TicketProblems, whyNotTraded } from './ticket-rules.ts';
import { useSubmitOrder } from './submit-order.ts';

const TIMES_IN_FORCE: readonly (readonly [OrderIntent['timeInForce'], string, string])[] = [
  ['GTC', 'GTC', 'good till cancelled: rests in the book'],
  ['IOC', 'IOC', 'immediate or cancel: fills what it can now'],
  ['FOK', 'FOK', 'fill or kill: all now or nothing'],
  ['POST_ONLY', 'Post only', 'only rests, never takes'],
];

export function Ticket() {
  const { bootstrap } = useDesk();
  const symbol = useSelection((state) => state.symbol);
  const ticket = useTicket();
  const killed = useAccount((state) => state.account?.killSwitch.engaged === true);
  const [problems, setProblems] = useState<TicketProblems>({});
  const submission = useSubmitOrder();
  const form = useRef<HTMLFormElement>(null);
  const quantityInput = useRef<HTMLInputElement>(null);
  const rules = useSymbolInfo(symbol);
  const notTraded = rules === undefined ? undefined : whyNotTraded(rules);
  const [base = '', quote = ''] = symbol.split(/[/:]/);

  useFocusOnRequest(quantityInput);
  useEffect(() => setProblems({}), [symbol]);

  function edit(change: Parameters<typeof ticket.edit>[0]): void {
    ticket.edit(change);
    setProblems({});
    submission.reset();
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (rules === undefined || notTraded !== undefined || submission.pending) return;
    const checked = checkTicket(useTicket.getState(), rules);
    setProblems(checked.ok ? {} : checked.problems);
    if (!checked.ok) {
      form.current
        ?.querySelector<HTMLInputElement>(`[name="${checked.problems.quantity === undefined ? 'limitPrice' : 'quantity'}"]`)
        ?.focus();
      return;
    }
    await submission.submit(checked.intent);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    ticket.clear();
    setProblems({});
    submission.reset();
    quantityInput.current?.focus();
  }

  const { maxOrderNotional, maxPosition, priceCollarPct } = bootstrap.riskLimits;
  const { outcome } = submission;
  const timeInForce = ticket.type === 'market' && ticket.timeInForce !== 'FOK' ? 'IOC' : ticket.timeInForce;
  return (
    <form
      ref={form}
      className="ticket"
      aria-label="Order ticket"
      onSubmit={(event) => void submit(event)}
      onKeyDown={onKeyDown}
      data-testid="ticket"
    >
      <div className="ticket-head">
        <strong>{symbol}</strong>
        <span className="badge">PAPER</span>
        <ModeBadge mode={bootstrap.mode} />
      </div>
      <div className="ticket-sides" role="group" aria-label="Side">
        <button
          type="button"
          className="ticket-side ticket-buy"
          aria-pressed={ticket.side === 'buy'}
          onClick={() => edit({ side: 'buy' })}
          title="Shift+B"
          data-testid="ticket-buy"
        >
          Buy
        </button>
        <button
          type="button"
          className="ticket-side ticket-sell"
          aria-pressed={ticket.side === 'sell'}
          onClick={() => edit({ side: 'sell' })}
          title="Shift+S"
          data-testid="ticket-sell"
        >
          Sell
        </button>
      </div>
      <div className="ticket-fields">
        <div className="segmented" role="group" aria-label="Order type">
          {(['limit', 'market'] as const).map((type) => (
            <button
              key={type}
              type="button"
              aria-pressed={ticket.type === type}
              onClick={() => edit({ type })}
              data-testid={`ticket-${type}`}
            >
              {type === 'limit' ? 'Limit' : 'Market'}
            </button>
          ))}
        </div>
        <select
          className="input"
          aria-label="Time in force"
          title={TIMES_IN_FORCE.find(([value]) => value === timeInForce)?.[2]}
          value={timeInForce}
          onChange={(event) => edit({ timeInForce: event.target.value as OrderIntent['timeInForce'] })}
          data-testid="ticket-tif"
        >
          {TIMES_IN_FORCE.filter(([value]) => ticket.type === 'limit' || value === 'IOC' || value === 'FOK').map(
            ([value, label, meaning]) => (
              <option key={value} value={value} title={meaning}>
                {label}
              </option>
            ),
          )}
        </select>
        <NumberField
          name="quantity"
          label={`Quantity, ${base}`}
          value={ticket.quantity}
          placeholder={rules === undefined ? '' : `step ${plainDecimal(rules.lotSize)}`}
          problem={problems.quantity}
          inputRef={quantityInput}
          onChange={(quantity) => edit({ quantity })}
        />
        <NumberField
          name="limitPrice"
          label={`Limit price, ${quote}`}
          value={ticket.type === 'limit' ? ticket.limitPrice : ''}
          placeholder={ticket.type === 'limit' ? 'click in the book' : 'best available'}
          problem={problems.limitPrice}
          disabled={ticket.type === 'market'}
          onChange={(limitPrice) => edit({ limitPrice })}
        />
      </div>
      <Estimate quote={quote} minNotional={rules?.minNotional ?? '0'} />
      <Button
        type="submit"
        tone={ticket.side}
        className="ticket-submit"
        disabled={submission.pending || rules === undefined || notTraded !== undefined}
        aria-describedby={notTraded === undefined ? undefined : 'ticket-not-traded'}
        data-testid="ticket-submit"
      >
        {submission.pending
          ? 'Sending…'
          : `${ticket.side === 'buy' ? 'Buy' : 'Sell'} ${ticket.quantity === '' ? '' : `${ticket.quantity} `}${base}`}
      </Button>
      {notTraded !== undefined && (
        <p id="ticket-not-traded" className="ticket-outcome warn" data-testid="ticket-not-traded">
          {notTraded}
        </p>
      )}
      {outcome !== undefined && (
        <p
          ref={bringIntoView}
          className={outcome.ok ? 'ticket-outcome up' : 'ticket-outcome down'}
          role={outcome.ok ? 'status' : 'alert'}
          data-testid={outcome.ok ? 'ticket-accepted' : 'ticket-refusal'}
        >
          {outcome.text}
        </p>
      )}
      {killed && outcome === undefined && (
        <p className="ticket-outcome warn">The kill switch is on: new orders are refused until it is released.</p>
      )}
      <p className="ticket-limits dim" data-testid="risk-limits">
        Limits: order {formatDecimal(maxOrderNotional, 0)}, position {formatDecimal(maxPosition, 0)} {quote}, price within{' '}
        {priceCollarPct} % of mid
      </p>
    </form>
  );
}

function bringIntoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}

interface NumberFieldProps {
  readonly name: 'quantity' | 'limitPrice';
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly problem: string | undefined;
  readonly disabled?: boolean;
  readonly inputRef?: React.Ref<HTMLInputElement>;
  readonly onChange: (text: string) => void;
}

function NumberField({ name, label, value, placeholder, problem, disabled = false, inputRef, onChange }: NumberFieldProps) {
  const id = `ticket-${name}`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        ref={inputRef}
        id={id}
        name={name}
        className="input num"
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        value={value}
        placeholder={placeholder}
        disabled={disabled}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        // Capital letters are the ticket's shortcuts, never part of a number.
        onChange={(event) => onChange(event.target.value.replaceAll(',', '.').replace(/[^\d.]/g, ''))}
        data-testid={name === 'quantity' ? 'ticket-quantity' : 'ticket-price'}
      />
      {problem !== undefined && (
        <span className="field-problem down" id={`${id}-problem`} role="alert" data-testid={`${id}-problem`}>
          {problem}
        </span>
      )}
    </div>
  );
}

/**
 * Puts the cursor into the ticket when something asks for it: at once while it is on screen, so that the next key
 * already lands in it, else as soon as the docking area has put the panel into the document.
 */
let servedFocus = 0;
function useFocusOnRequest(input: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    function focus(): void {
      input.current?.focus();
      input.current?.select();
    }
    let frame = 0;
    function serve(): void {
      const { focusSerial } = useTicket.getState();
      if (focusSerial <= servedFocus) return;
      servedFocus = focusSerial;
      focus();
      cancelAnimationFrame(frame);
      if (document.activeElement !== input.current) frame = requestAnimationFrame(focus);
    }
    serve();
    const end = useTicket.subscribe(serve);
    return () => {
      end();
      cancelAnimationFrame(frame);
    };
  }, [input]);
}
