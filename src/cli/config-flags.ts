import { type Command, Option } from 'commander';
import type { Flags, OptionTable } from '../config/index.js';

/** Adds the flags of a configuration table, with the help text that the table has. */
export function addConfigFlags(command: Command, table: OptionTable): Command {
  for (const { flag, env, doc, kind, fallback } of Object.values(table)) {
    if (flag === undefined) continue;
    const value = kind.placeholder === undefined ? '' : ` <${kind.placeholder}>`;
    const words = kind.name === 'word' ? `${kind.expected}; ` : '';
    const facts = fallback === undefined || fallback === '' ? env : `${env}, default ${fallback}`;
    const option = new Option(`--${flag}${value}`, `${doc.replace(/\.$/, '')} (${words}${facts})`);
    command.addOption(option.argParser((given, before) => gatherText(given, before)));
  }
  return command;
}

/** The flags that were given, as texts for the configuration to judge. */
export function givenFlags(options: object, table: OptionTable): Flags {
  const given = options as Readonly<Record<string, string | true | undefined>>;
  const flags = Object.values(table).flatMap(({ flag }) => (flag === undefined ? [] : [flag]));
  return Object.fromEntries(
    flags.map((flag) => {
      const value = given[flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
      return [flag, value === true ? 'true' : value];
    }),
  );
}

/** A flag that is given again makes a list, as the variable has it. */
function gatherText(given: string, before: unknown): string {
  return typeof before === 'string' ? `${before},${given}` : given;
}
