export function Brand({ version }: { readonly version?: string }) {
  return (
    <span className="brand">
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <rect x="1" y="1" width="18" height="18" rx="5" fill="var(--accent)" />
        <path d="M6 13.5v-4M6 9.5h0M10 15V6M14 11V5" stroke="var(--on-accent)" strokeWidth="2.2" strokeLinecap="round" />
      </svg>
      <span>Cobalt Desk</span>
      {version !== undefined && <span className="dim">{version}</span>}
    </span>
  );
}
