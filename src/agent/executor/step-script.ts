import type { CompiledStep } from '../../pipeline/index.js';

/** What of a step decides how it is started. */
type Started = Pick<CompiledStep, 'commands' | 'entrypoint'>;

/**
 * The commands of a step as one script. For a shell (to be run by `/bin/sh -e`) it stops at the first command that
 * fails; each one is printed before it runs, and both streams become one, so that the log has the order in which
 * things were printed. An entrypoint gets the commands as they are: what reads them need not be a shell.
 */
export function stepScript(step: Started): string {
  if (hasEntrypoint(step)) return [...step.commands, ''].join('\n');
  return ['exec 2>&1', ...step.commands.flatMap((command) => [trace(command), command]), ''].join('\n');
}

/**
 * The program of a step with its words; `script` is where its {@link stepScript} is. A shell hands over to the
 * entrypoint: one that does not exist is then the step's failure (127), and not the machine's.
 */
export function stepArgv(step: Started, script: string): [string, ...string[]] {
  if (!hasEntrypoint(step)) return ['/bin/sh', '-e', script];
  const words = step.commands.length === 0 ? step.entrypoint : [...step.entrypoint, script];
  return ['/bin/sh', '-c', 'exec 2>&1; exec "$@"', 'sh', ...words];
}

function hasEntrypoint(step: Started): step is Started & Required<Pick<Started, 'entrypoint'>> {
  return step.entrypoint !== undefined && step.entrypoint.length > 0;
}

/** A traced line `$ command`; further lines of the same command are marked with `>` as a shell does. */
function trace(command: string): string {
  const shown = `$ ${command.replace(/\n$/, '').replaceAll('\n', '\n> ')}`;
  return `printf '%s\\n' ${quoteForShell(shown)}`;
}

/** One word of POSIX shell that stands for exactly this text. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
