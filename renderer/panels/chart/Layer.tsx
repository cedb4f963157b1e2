import type { ReactNode } from 'react';

/** One row of the menu of layers. */
export function Layer({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="layer">
      <span className="layer-label">{label}</span>
      {children}
    </div>
  );
}
