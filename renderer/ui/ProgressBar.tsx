interface ProgressBarProps {
  readonly label: string;
  readonly done: number;
  /** 0 when it is not known yet: the bar then only says that something is under way. */
  readonly total: number;
}

export function ProgressBar({ label, done, total }: ProgressBarProps) {
  if (total <= 0) return <div className="indeterminate" role="progressbar" aria-label={label} />;
  const share = Math.min(1, Math.max(0, done / total));
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(100 * share)}
    >
      <span style={{ transform: `scaleX(${share})` }} />
    </div>
  );
}
