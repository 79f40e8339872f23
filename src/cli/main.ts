import type { Cli } from './command.js';
import { describeError } from './describe-error.js';
import { ExitCode, exitCodeOf, isCommanderError } from './exit-codes.js';
import { buildProgram, withHelpAsFlag } from './program.js';
import { StopSignals } from './stop-signals.js';
import { processTerminal } from './terminal.js';

await main(process.argv.slice(2));

/** Runs one command line and sets the exit code; ends by itself once nothing is left to do. */
async function main(argv: readonly string[]): Promise<void> {
  endQuietlyWithoutReader();
  const signals = new StopSignals();
  const terminal = processTerminal();
  const claim = (): AbortSignal => signals.claim();
  const cli: Cli = { terminal, untilStopped: claim, untilHurried: claim };
  let code: ExitCode = ExitCode.OK;
  try {
    await buildProgram(cli, (answer) => (code = answer)).parseAsync(withHelpAsFlag(argv), { from: 'user' });
  } catch (error) {
    code = exitCodeOf(error);
    if (!isCommanderError(error)) process.stderr.write(describeError(error));
  } finally {
    signals.release();
  }
  process.exitCode = code;
}

/** `slipway build list | head -1` is no failure. */
function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(ExitCode.OK);
    throw error;
  });
}
