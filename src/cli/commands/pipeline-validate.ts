import { parsePipeline, type Pipeline } from '../../pipeline/index.js';
import type { CommandModule } from '../command.js';
import { type Format, outputOption } from '../output/formats.js';
import { printRecord, type RecordView } from '../output/print-records.js';
import { printable } from '../output/printable.js';
import { dialectOption, type DialectOption } from '../pipeline/dialect-option.js';
import { findSource, readSource } from '../pipeline/read-source.js';
import { reportProblems } from '../pipeline/report-problems.js';

interface Options extends DialectOption {
  readonly output: Format;
}

/** What is said of a file that is right. */
interface Validity {
  readonly file: string;
  readonly valid: true;
  readonly steps: number;
  readonly stages: number;
  readonly warnings: readonly string[];
}

const view: RecordView<Validity> = {
  nameOf: ({ file }) => file,
  columns: [
    { title: 'FILE', text: ({ file }) => file },
    { title: 'VALID', text: () => '✓ yes' },
    { title: 'STAGES', text: ({ stages }) => String(stages) },
    { title: 'STEPS', text: ({ steps }) => String(steps) },
    { title: 'WARNINGS', text: ({ warnings }) => String(warnings.length) },
  ],
};

const EXAMPLES = `
Needs no server. Problems of the file: exit code 2; with --output json one JSON object a line on standard error.
Examples:
  slipway pipeline validate
  slipway pipeline validate - --output json < .slipway.yml`;

export const command: CommandModule<Options> = {
  define(command) {
    command
      .argument('[file]', 'pipeline file, or - for standard input; by default the one here')
      .addOption(dialectOption())
      .addOption(outputOption())
      .addHelpText('after', EXAMPLES);
  },

  async run({ terminal }, [given], { dialect, output: format }) {
    const file = await findSource(given);
    return reportProblems(terminal, { format, file }, async () => {
      const source = await readSource(file);
      const pipeline = parsePipeline({ ...source, ...(dialect && { dialect }) });
      if (format === 'table' || format === 'wide') {
        for (const warning of pipeline.warnings) terminal.say(printable(`warning: ${warning}`));
      }
      await printRecord(terminal, validityOf(source.file, pipeline), { format, view });
    });
  },
};

function validityOf(file: string, { steps, stages, warnings }: Pipeline): Validity {
  return { file, valid: true, steps: steps.length, stages: stages?.length ?? 0, warnings };
}
