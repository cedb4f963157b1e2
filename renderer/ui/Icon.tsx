const PATHS = {
  close: 'M4 4l8 8M12 4l-8 8',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5 6 6 0 1 0 13.5 9.5',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5L14 14',
  power: 'M8 1.5v6M4.5 3.8a5.5 5.5 0 1 0 7 0',
  bell: 'M3.5 11.5h9L11.5 10V7a3.5 3.5 0 0 0-7 0v3zM6.5 13.5h3',
  chevron: 'M6 4l4 4-4 4',
  replay: 'M3 8a5 5 0 1 0 1.6-3.7L2.5 6M2.5 2.5V6H6M7 6l3 2-3 2z',
  swap: 'M3 5.5h9l-2.5-2.5M13 10.5H4l2.5 2.5',
  bin: 'M2.5 4.5h11M6 4.5V2.5h4v2M4 4.5l.7 9h6.6l.7-9M6.7 7v4M9.3 7v4',
  plus: 'M8 3v10M3 8h10',
  sliders: 'M2 5h6M12 5h2M2 11h2M8 11h6M10 3.2v3.6M6 9.2v3.6',
  help: 'M6 6a2 2 0 1 1 2.6 1.9c-.4.15-.6.5-.6.9v.7M8 12v.2',
} as const;

/** Decoration only: what carries it has a label of its own. */
export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
