import './history.css';
import { usePanelSettings } from '../../app/desk-context.ts';
import { useHistory } from '../../stores/history.ts';
import { Downloads } from './Downloads.tsx';
import { DownloadControls } from './DownloadControls.tsx';
import { FileImport } from './FileImport.tsx';
import { ImportJobs } from './ImportJobs.tsx';

const TABS = [
  ['download', 'Download'],
  ['import', 'Import a file'],
] as const;
type Tab = (typeof TABS)[number][0];

const DEFAULTS: { tab: Tab } = { tab: 'download' };

/** Brings history into the store: months of candles from the venues, candles and trades from files. */
export function HistoryPanel() {
  const [{ tab }, update] = usePanelSettings('history', DEFAULTS);
  const downloading = useHistory(({ downloads }) => downloads?.filter((job) => job.state === 'running').length ?? 0);
  const importing = useHistory(({ imports }) => imports?.filter((job) => job.state === 'running').length ?? 0);
  const running = { download: downloading, import: importing };
  return (
    <div className="panel history" data-testid="history">
      <div className="history-tabs">
        <div className="segmented" role="tablist" aria-label="History">
          {TABS.map(([id, label]) => (
            <button
              key={id}
              type="button"
              role="tab"
              aria-selected={tab === id}
              onClick={() => update({ tab: id })}
              data-testid={`history-tab-${id}`}
            >
              {label}
              {running[id] > 0 && ` · ${running[id]}`}
            </button>
          ))}
        </div>
      </div>
      {tab === 'download' ? (
        <div role="tabpanel">
          <DownloadControls />
          <Downloads />
        </div>
      ) : (
        <div role="tabpanel">
          <FileImport />
          <ImportJobs />
        </div>
      )}
    </div>
  );
}
