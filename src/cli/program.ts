import { Command, type OutputConfiguration } from 'commander';
import type { Cli } from './command.js';
import { type CommandEntry, commandTable, groupSummaries } from './command-table.js';
import type { ExitCode } from './exit-codes.js';
import { version } from '../base/package-version.js';

const EXIT_CODES = `
Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 no server, 124 timeout, 130 interrupted.`;

/** Commander's own complaints in the form of ours. */
const errorOutput: OutputConfiguration = {
  outputError: (text, write) =>
    write(text.replace(/^error: /, 'slipway: ').replace(/\n\((Did you mean .*)\)/, '\n  $1')),
};

/** The whole command line. `report` is told the exit code that a command gave as its answer. */
export function buildProgram(cli: Cli, report: (code: ExitCode) => void): Command {
  const program = new Command('slipway')
    .description('A build control plane that pushes work to workers that have proven who they are.')
    .version(version(), '--version', 'print the version')
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError(helpHint('slipway'))
    .configureOutput(errorOutput)
    .enablePositionalOptions()
    .helpCommand('help [command]', 'display help for a command')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride();
  for (const entry of commandTable) {
    attach(program, entry.path, { entry, cli, report, hidden: false });
    if (entry.twin !== undefined) attach(program, entry.twin, { entry, cli, report, hidden: true });
  }
  return program;
}

interface Attachment {
  readonly entry: CommandEntry;
  readonly cli: Cli;
  readonly report: (code: ExitCode) => void;
  readonly hidden: boolean;
}

/** `help build list` as commander can take it: only the command itself, once it is read, knows its options. */
export function withHelpAsFlag(words: readonly string[]): readonly string[] {
  return words[0] === 'help' ? [...words.slice(1), '--help'] : words;
}

function helpHint(name: string): string {
  return `  next: ${name} --help`;
}

/** Adds a stand-in that takes any arguments, and reads the command's file when it is called. */
function attach(program: Command, path: readonly string[], attachment: Attachment): void {
  const parent = path.slice(0, -1).reduce((group, word) => groupOf(group, word, attachment.hidden), program);
  const name = path.at(-1) ?? '';
  parent
    .command(name, { hidden: attachment.hidden })
    .summary(attachment.entry.summary)
    .description(attachment.entry.summary)
    .argument('[arguments...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((given: string[]) => runCommand(['slipway', ...path].join(' '), given, attachment));
}

function groupOf(parent: Command, word: string, hidden: boolean): Command {
  const known = parent.commands.find((command) => command.name() === word);
  return (
    known ??
    parent
      .command(word, { hidden })
      .description(groupSummaries[word] ?? word)
      .showHelpAfterError(helpHint(`slipway ${word}`))
      .helpCommand(false)
      .enablePositionalOptions()
  );
}

async function runCommand(name: string, given: readonly string[], attachment: Attachment): Promise<void> {
  const { command: module } = await attachment.entry.load();
  const command = new Command(name).description(attachment.entry.summary).exitOverride();
  command.showHelpAfterError(helpHint(name)).configureOutput(errorOutput);
  module.define(command);
  command.action(async () => {
    const code = await module.run(attachment.cli, command.args, command.opts());
    if (code !== undefined) attachment.report(code);
  });
  await command.parseAsync(given, { from: 'user' });
}
