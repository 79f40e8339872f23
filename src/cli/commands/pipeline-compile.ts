import { parsePipeline } from '../../pipeline/index.js';
import type { CommandModule } from '../command.js';
import { printCompiled } from '../output/compiled-view.js';
import { type Format, outputOption } from '../output/formats.js';
import { compileRecord } from '../pipeline/compiled-record.js';
import { dialectOption, type DialectOption } from '../pipeline/dialect-option.js';
import { addFactsOptions, factsOf, type FactsOptions } from '../pipeline/facts-options.js';
import { findSource, readSource } from '../pipeline/read-source.js';
import { reportProblems } from '../pipeline/report-problems.js';

interface Options extends FactsOptions, DialectOption {
  readonly explain?: true;
  readonly output: Format;
}

const EXAMPLES = `
Needs no server. Problems of the file: exit code 2; with --output json one JSON object a line on standard error.
Examples:
  slipway pipeline compile --event push --branch main
  slipway pipeline compile .slipway.yml --event schedule --target nightly --explain
  slipway pipeline compile - --event tag --tag v1.2 --output json < .slipway.yml`;

export const command: CommandModule<Options> = {
  define(command) {
    addFactsOptions(
      command.argument('[file]', 'pipeline file, or - for standard input; by default the one here'),
    )
      .option('--explain', 'say of every step why it is in or out, rule by rule')
      .addOption(dialectOption())
      .addOption(outputOption())
      .addHelpText('after', EXAMPLES);
  },

  async run({ terminal }, [given], { explain = false, output: format, dialect, ...options }) {
    const facts = factsOf(options);
    const file = await findSource(given);
    return reportProblems(terminal, { format, file }, async () => {
      const source = await readSource(file);
      const pipeline = parsePipeline({ ...source, ...(dialect && { dialect }) });
      await printCompiled(terminal, compileRecord(pipeline, facts, { explain }), { format });
    });
  },
};
