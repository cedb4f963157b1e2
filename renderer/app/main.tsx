import '../ui/tokens.css';
import '../ui/base.css';
import 'dockview-react/dist/styles/dockview.css';
import './dockview-theme.css';
import './app.css';
import { createRoot } from 'react-dom/client';
import { openDesk } from '../ipc/open-desk.ts';
import { App } from './App.tsx';
import { watchPaint } from './paint-report.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const client = openDesk();
watchPaint(client);
createRoot(root).render(<App client={client} />);
