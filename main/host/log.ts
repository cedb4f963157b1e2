import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import pino from 'pino';
import type { Log } from '../ports/log.ts';

/** Names whose values never reach a log, at any depth that we write. */
const SECRET_PATHS = ['apiKey', 'secret', 'passphrase', 'password', 'token', 'authorization', 'cookie'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

export interface LogFile {
  readonly log: Log;
  /** Writes what is buffered; call before exit. */
  flush(): void;
}

/** JSON lines to `path`, buffered and written off the hot path; `echo` also prints to standard error. */
export function openLog(path: string, options: { level: string; echo: boolean }): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  const file = pino.destination({ dest: path, sync: false });
  // A full disk must not take the desk down with its log.
  file.on('error', () => {});
  const streams = options.echo ? [{ stream: file }, { stream: pino.destination({ dest: 2, sync: false }) }] : [{ stream: file }];
  const log = pino(
    { level: options.level, base: null, redact: { paths: SECRET_PATHS, censor: '[secret]' } },
    pino.multistream(streams.map((entry) => ({ ...entry, level: options.level as pino.Level }))),
  );
  return {
    log,
    flush: () => {
      try {
        file.flushSync();
      } catch {
        // Nothing was ever written, or the disk is full: either way there is no one left to tell.
      }
    },
  };
}

export const silentLog: Log = pino({ level: 'silent' });
