import { useEffect, useMemo } from 'react';
import type { DeskClient } from '../ipc/desk-client.ts';
import { useConnection } from '../stores/connection.ts';
import { usePreferences } from '../stores/preferences.ts';
import { ConfigInvalidPage, ConnectingPage, StartFailedPage } from './StartPages.tsx';
import { DeskContext } from './desk-context.ts';
import { startPreferenceSaver } from './preference-saver.ts';
import { useSession } from './session.ts';
import { Workspace } from './Workspace.tsx';

export function App({ client }: { readonly client: DeskClient }) {
  const session = useSession(client);
  const theme = usePreferences((state) => state.theme);
  const { bootstrap } = session;
  const ready = bootstrap?.state === 'ready' ? bootstrap : undefined;

  useEffect(() => client.onConnection((state) => useConnection.setState({ state })), [client]);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const isReady = ready !== undefined;
  useEffect(() => (isReady ? startPreferenceSaver(client) : undefined), [client, isReady]);

  const desk = useMemo(() => (ready === undefined ? undefined : { client, bootstrap: ready, theme }), [client, ready, theme]);

  if (desk !== undefined) {
    return (
      <DeskContext value={desk}>
        <Workspace key={session.serial} />
      </DeskContext>
    );
  }
  if (bootstrap?.state === 'configInvalid') {
    const { version, problems } = bootstrap;
    return <ConfigInvalidPage key={session.serial} version={version} problems={problems} onRetry={session.reload} />;
  }
  if (bootstrap?.state === 'startFailed') {
    return <StartFailedPage client={client} version={bootstrap.version} message={bootstrap.message} onRetry={session.reload} />;
  }
  return <ConnectingPage problem={session.problem} onRetry={session.reload} />;
}
