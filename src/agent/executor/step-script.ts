/**
 * The commands of a step as one shell script, to be run by `/bin/sh -e`: it stops at the first one that fails. Each
 * command is printed before it runs. Both streams become one, so that the log has the order in which things were
 * printed.
 */
export function stepScript(commands: readonly string[]): string {
  return ['exec 2>&1', ...commands.flatMap((command) => [trace(command), command]), ''].join('\n');
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
