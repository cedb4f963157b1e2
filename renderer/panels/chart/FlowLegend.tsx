import type { FlowNotes } from '../../charts/flow-layer.ts';
import { formatDateTime, formatNumber } from '../../ui/format.ts';
import { useFramed } from '../../ui/use-framed.ts';
import { useFlowNotes } from './flow-notes.ts';

const notesOf = (notes: FlowNotes): FlowNotes => notes;

/** What footprint and profile show, and what of it is not recorded. */
export function FlowLegend({ decimals, onZoom }: { readonly decimals: number; readonly onZoom: () => void }) {
  const { footprint, profile } = useFramed(useFlowNotes, notesOf);
  return (
    <>
      {footprint !== undefined && (
        <div className="chart-flow" data-testid="footprint-legend">
          <span>Footprint bid × ask{footprint.rowSize > 0 && `, rows of ${formatNumber(footprint.rowSize, decimals)}`}</span>
          {footprint.isNarrow && (
            <button type="button" className="chart-flow-zoom" onClick={onZoom} data-testid="footprint-zoom">
              Zoom in to see it
            </button>
          )}
          {footprint.failure !== undefined && <span className="warn">{footprint.failure}</span>}
          {footprint.missingBefore !== undefined && <Missing before={footprint.missingBefore} />}
        </div>
      )}
      {profile !== undefined && <ProfileLegend profile={profile} decimals={decimals} />}
    </>
  );
}

function Missing({ before }: { readonly before: number }) {
  return (
    <span className="dim" data-testid="footprint-missing">
      {Number.isFinite(before) ? `no trades recorded before ${formatDateTime(before)} UTC` : 'no trades recorded yet'}
    </span>
  );
}

function ProfileLegend({
  profile,
  decimals,
}: {
  readonly profile: NonNullable<FlowNotes['profile']>;
  readonly decimals: number;
}) {
  const name = profile.of === 'session' ? 'Profile since 00:00 UTC' : 'Profile of the view';
  if ('reason' in profile) {
    const reasons = {
      nothing: 'no trades recorded here',
      tooMuch: 'more candles than it can be made of: zoom in',
      reading: 'reading…',
    } as const;
    return (
      <div className="chart-flow" data-testid="profile-legend">
        <span>{name}</span> <span className="dim">{reasons[profile.reason]}</span>
      </div>
    );
  }
  const { poc, high, low, share } = profile;
  return (
    <div className="chart-flow num" data-testid="profile-legend">
      <span>{name}</span>
      <span className="dim">
        POC {formatNumber(poc, decimals)} · value area {formatNumber(low, decimals)} – {formatNumber(high, decimals)}
      </span>
      {share !== undefined && share < 0.99 && <span className="dim">{Math.floor(100 * share)} % of the volume is recorded</span>}
    </div>
  );
}
