/**
 * Set-up speaks on standard error, so that standard output stays the program's own
 * (`npm start -- --smoke` ends with one JSON line there).
 */
export function say(message) {
  process.stderr.write(`cobalt-desk: ${message}\n`);
}

/** A failure of set-up that is the machine's, not the code's: shown as its message alone, without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** Runs a script's main function; a set-up failure ends the process with code 1 and its reason. */
export function runMain(main) {
  main().then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      say(error instanceof SetupError ? error.message : (error?.stack ?? String(error)));
      process.exitCode = 1;
    },
  );
}
