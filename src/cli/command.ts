import type { Command } from 'commander';
import type { ExitCode } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/** What a command may use of the process that it runs in. */
export interface Cli {
  readonly terminal: Terminal;
  /**
   * For commands that run until they are told to stop: aborted by the first SIGINT, SIGTERM or SIGHUP, after which the
   * command ends in order. A signal that no command has claimed ends the process at once.
   */
  untilStopped(): AbortSignal;
  /** Call it after {@link untilStopped}: aborted by the second signal, after which the command cuts things short. */
  untilHurried(): AbortSignal;
}

/** One command: how it is called, and what it does. A file of src/cli/commands exports one as `command`. */
export interface CommandModule<Options extends object> {
  /** Adds arguments, options and examples. */
  define(command: Command): void;
  /** Throws for a failure; gives an exit code only where that is part of the answer. */
  run(cli: Cli, args: readonly string[], options: Options): Promise<ExitCode | undefined>;
}
