/** A process with nothing left to do ends within milliseconds. */
const GUARD_MS = 10_000;

/**
 * Makes the run fail when something keeps this process alive after the last hook: a server, socket, timer or child
 * that a test forgot. Names what it is.
 */
export function failOnLeaks(guardMs = GUARD_MS): void {
  // Not a reason to stay alive itself: it fires only when there is another one.
  setTimeout(() => {
    console.error(`after ${guardMs} ms these still keep the process alive: ${describeLeaks()}`);
    failTheRun();
    process.exit();
  }, guardMs).unref();
}

/**
 * What is thrown outside of any promise while the run is cleaned up (a connection that a test left open and that the
 * end of the database surprises) fails the run too, but must not keep the rest from being cleaned up.
 */
export function surviveLateErrors(): void {
  // Not a listener: mocha's own would throw first.
  process.setUncaughtExceptionCaptureCallback((error) => {
    console.error('after the tests:', error.message);
    failTheRun();
  });
}

/** Mocha sets the exit code by its count of failures when the process exits; this listener comes after it. */
function failTheRun(): void {
  process.once('exit', () => (process.exitCode = 1));
}

/** The standard streams are always there. */
function describeLeaks(): string {
  const names = process.getActiveResourcesInfo().filter((name) => !['TTYWrap', 'PipeWrap'].includes(name));
  return names.length > 0 ? names.join(', ') : process.getActiveResourcesInfo().join(', ');
}
