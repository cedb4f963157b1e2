import { startHeadlessHost } from './headless-host.ts';

startHeadlessHost().catch((thrown: unknown) => {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exit(1);
});
