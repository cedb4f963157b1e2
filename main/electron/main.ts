import { startElectronHost } from './electron-host.ts';

startElectronHost();
