import { useState } from 'react';
import type { ConfigProblem } from '../../core/contracts/system.ts';
import type { DeskClient } from '../ipc/desk-client.ts';
import { Button } from '../ui/Button.tsx';
import { Brand } from './Brand.tsx';

export function ConnectingPage({ problem, onRetry }: { readonly problem: string | undefined; readonly onRetry: () => void }) {
  return (
    <main className="start-page" data-testid="connecting-page">
      <Brand />
      {problem === undefined ? (
        <>
          <div className="indeterminate" role="progressbar" aria-label="Starting" />
          <p className="dim">Starting the services and filling the charts…</p>
        </>
      ) : (
        <>
          <h2>The services do not answer</h2>
          <p role="alert">{problem}</p>
          <Button tone="primary" onClick={onRetry}>
            Try again
          </Button>
        </>
      )}
    </main>
  );
}

interface ConfigInvalidProps {
  readonly version: string;
  readonly problems: readonly ConfigProblem[];
  /** Reads the files again; the page is replaced by what comes of it. */
  readonly onRetry: () => void;
}

export function ConfigInvalidPage({ version, problems, onRetry }: ConfigInvalidProps) {
  const [busy, setBusy] = useState(false);
  return (
    <main className="start-page start-page-wide" data-testid="config-invalid-page">
      <Brand version={version} />
      <h2>{problems.length === 1 ? 'A setting is wrong' : `${problems.length} settings are wrong`}</h2>
      <p>
        Nothing was started, so that the desk does not run on settings that you did not choose. Correct what is listed, save, and
        check again.
      </p>
      <table className="table" aria-label="Wrong settings">
        <thead>
          <tr>
            <th scope="col">File and line</th>
            <th scope="col">Key</th>
            <th scope="col">Expected</th>
            <th scope="col">Found</th>
          </tr>
        </thead>
        <tbody>
          {problems.map((problem) => (
            <tr key={`${problem.file}:${problem.line}:${problem.key}:${problem.expected}`} data-testid="config-problem">
              <td className="wrap">
                {problem.file}
                {problem.line !== undefined && <strong>:{problem.line}</strong>}
              </td>
              <td>
                <code>{problem.key}</code>
              </td>
              <td className="wrap">{problem.expected}</td>
              <td className="wrap down">{problem.actual}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Button
        tone="primary"
        disabled={busy}
        onClick={() => {
          setBusy(true);
          onRetry();
        }}
      >
        Check again
      </Button>
      {busy && <div className="indeterminate" role="progressbar" aria-label="Reading the settings and starting" />}
    </main>
  );
}

interface StartFailedProps {
  readonly client: DeskClient;
  readonly version: string;
  readonly message: string;
  readonly onRetry: () => void;
}

export function StartFailedPage({ client, version, message, onRetry }: StartFailedProps) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function startPractice(): Promise<void> {
    setBusy(true);
    setProblem(undefined);
    const result = await client.command('setMode', { mode: 'SIM' });
    setBusy(false);
    if (result.ok) onRetry();
    else setProblem(result.error.message);
  }

  return (
    <main className="start-page" data-testid="start-failed-page">
      <Brand version={version} />
      <h2>The desk could not start</h2>
      <p role="alert" className="start-message">
        {message}
      </p>
      <div className="dialog-actions">
        <Button onClick={onRetry} disabled={busy}>
          Check again
        </Button>
        <Button tone="primary" onClick={() => void startPractice()} disabled={busy}>
          Start the practice market (SIM)
        </Button>
      </div>
      {busy && <div className="indeterminate" role="progressbar" aria-label="Starting the practice market" />}
      {problem !== undefined && (
        <p role="alert" className="down">
          {problem}
        </p>
      )}
    </main>
  );
}
