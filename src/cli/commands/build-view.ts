import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { findReferencedJob, parseJobReference } from '../job-reference.js';
import type { JobWithBuilds } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { jobRowOf, type JobRow, jobView } from '../output/job-view.js';
import { printRecord, type RecordView } from '../output/print-records.js';
import { buildsTable } from '../output/build-view.js';

interface Options extends ConnectOptions {
  readonly repo?: string;
  readonly output: Format;
}

type DetailedRow = JobRow &
  Pick<JobWithBuilds, 'reason' | 'priority' | 'waiting' | 'failureKind' | 'error' | 'builds'>;

const view: RecordView<DetailedRow> = jobView;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<build>', 'number, org/repo#number or job id'))
      .option('--repo <org/name>', 'the repo that the number belongs to')
      .addOption(outputOption());
  },

  async run({ terminal }, [reference = ''], { repo, output, ...options }) {
    const parsed = parseJobReference(reference, repo);
    const job = await findReferencedJob(await connect(options), parsed);
    const { reason, priority, waiting, failureKind, error, builds } = job;
    const row: DetailedRow = { ...jobRowOf(job), reason, priority, waiting, failureKind, error, builds };
    await printRecord(terminal, row, { format: output, view });
    if (output === 'table' || output === 'wide') terminal.out(buildsTable(job, terminal.outColours));
    return undefined;
  },
};
