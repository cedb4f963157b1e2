import { useAccount } from '../../stores/account.ts';
import { formatDecimal, formatSigned } from '../../ui/format.ts';

export function AccountSummary() {
  const account = useAccount((state) => state.account);
  if (account === undefined) return <div className="account-summary dim">Reading the paper account…</div>;
  const { balance, equity, unrealisedPnl, currency } = account;
  const unrealised = unrealisedPnl === undefined ? undefined : Number(unrealisedPnl);
  return (
    <dl className="account-summary" data-testid="account-summary">
      <div>
        <dt>Account</dt>
        <dd>{account.kind}</dd>
      </div>
      <Money
        label="Equity"
        text={equity === undefined ? '–' : formatDecimal(equity, 2)}
        currency={currency}
        testId="account-equity"
      />
      <Money label="Balance" text={formatDecimal(balance, 2)} currency={currency} testId="account-balance" />
      <Money
        label="Unrealised"
        text={unrealised === undefined ? '–' : formatSigned(unrealised, 2)}
        tone={unrealised === undefined || unrealised === 0 ? undefined : unrealised > 0 ? 'up' : 'down'}
        testId="account-unrealised"
      />
    </dl>
  );
}

interface MoneyProps {
  readonly label: string;
  readonly text: string;
  readonly currency?: string;
  readonly tone?: 'up' | 'down' | undefined;
  readonly testId: string;
}

function Money({ label, text, currency, tone, testId }: MoneyProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className={`num ${tone ?? ''}`} data-testid={testId}>
        {text} {currency !== undefined && <span className="dim">{currency}</span>}
      </dd>
    </div>
  );
}
