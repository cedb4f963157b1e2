interface FigureProps {
  readonly label: string;
  readonly value: string;
  readonly tone?: 'up' | 'warn' | 'down' | undefined;
  readonly title?: string;
  readonly testId?: string;
}

/** A named value in a `system-figures` list. */
export function Figure({ label, value, tone, title, testId }: FigureProps) {
  return (
    <div title={title === '' ? undefined : title}>
      <dt>{label}</dt>
      <dd className={`num ${tone ?? ''}`} data-testid={testId}>
        {value}
      </dd>
    </div>
  );
}
