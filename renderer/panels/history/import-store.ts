import { create } from 'zustand';
import type { ImportPreview } from '../../../core/contracts/import.ts';
import type { VenueId } from '../../../core/market/instrument.ts';
import type { DeskClient } from '../../ipc/desk-client.ts';
import { draftOfPreview, type ImportDraft, specOfDraft } from './import-spec.ts';

type Check = NonNullable<ImportPreview['check']>;

interface ImportState {
  readonly preview: ImportPreview | undefined;
  readonly draft: ImportDraft | undefined;
  /** Of every row, by the draft as it is; absent until it was asked for and after every change. */
  readonly check: Check | undefined;
  readonly busy: 'picking' | 'reading' | 'checking' | 'starting' | undefined;
  readonly problem: string | undefined;
}

const NOTHING: ImportState = { preview: undefined, draft: undefined, check: undefined, busy: undefined, problem: undefined };

/** The file that is being prepared for import; it survives a change of panel. */
export const useImport = create<ImportState>(() => NOTHING);

type Client = Pick<DeskClient, 'command'>;

export function closeImport(): void {
  useImport.setState(NOTHING);
}

export function editImport(draft: ImportDraft): void {
  useImport.setState({ draft, check: undefined, problem: undefined });
}

/** Lets the trader choose a file in the host's own dialog and shows what it looks like. */
export async function pickImport(client: Client, symbol: string, venue: VenueId): Promise<void> {
  useImport.setState({ busy: 'picking', problem: undefined });
  const picked = await client.command('pickImportFile', {});
  if (!picked.ok) return useImport.setState({ busy: undefined, problem: picked.error.message });
  const { file } = picked.value;
  if (file === undefined) return useImport.setState({ busy: undefined });
  useImport.setState({ ...NOTHING, busy: 'reading' });
  const preview = await client.command('previewImport', { token: file.token });
  if (!preview.ok) return useImport.setState({ busy: undefined, problem: preview.error.message });
  useImport.setState({ busy: undefined, preview: preview.value, draft: draftOfPreview(preview.value, symbol, venue) });
}

/** Checks every row of the file by the draft. An answer that comes after a change of the draft is dropped. */
export async function checkImport(client: Client): Promise<void> {
  const { preview, draft } = useImport.getState();
  if (preview === undefined || draft === undefined) return;
  const checked = specOfDraft(draft);
  if (!checked.ok) return useImport.setState({ problem: `Still missing: ${checked.missing.join(', ')}.` });
  useImport.setState({ busy: 'checking', check: undefined, problem: undefined });
  const answer = await client.command('previewImport', { token: preview.file.token, spec: checked.spec });
  if (useImport.getState().draft !== draft) return useImport.setState({ busy: undefined });
  useImport.setState(
    answer.ok ? { busy: undefined, check: answer.value.check } : { busy: undefined, problem: answer.error.message },
  );
}

/** Starts the import of the checked file; its progress then comes by the stream, and the next file can be chosen. */
export async function startImport(client: Client, skipBadRows: boolean): Promise<void> {
  const { preview, draft } = useImport.getState();
  if (preview === undefined || draft === undefined) return;
  const checked = specOfDraft(draft);
  if (!checked.ok) return useImport.setState({ problem: `Still missing: ${checked.missing.join(', ')}.` });
  useImport.setState({ busy: 'starting', problem: undefined });
  const answer = await client.command('startImport', { token: preview.file.token, spec: checked.spec, skipBadRows });
  if (answer.ok) closeImport();
  else useImport.setState({ busy: undefined, problem: answer.error.message });
}
