import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { findReferencedJob, parseJobReference } from '../job-reference.js';
import { setJobPriority } from '../operations.js';
import { jobNameOf, jobRowOf } from '../output/job-view.js';
import { aheadWords } from '../output/waiting-words.js';
import { parsePriority } from '../parse-values.js';

interface Options extends ConnectOptions {
  readonly repo?: string;
  readonly priority: number;
}

const NOTES = `
Higher priorities are served first, whoever they belong to; lower ones rise by waiting.
Example: slipway build prioritise acme/site#17 --priority 5`;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<build>', 'number, org/repo#number or job id'))
      .requiredOption('--priority <n>', 'from -10 to 10; 0 is the usual one', parsePriority)
      .option('--repo <org/name>', 'the repo that the number belongs to')
      .addHelpText('after', NOTES);
  },

  async run({ terminal }, [reference = ''], { repo, priority, ...options }) {
    const parsed = parseJobReference(reference, repo);
    const client = await connect(options);
    const found = await findReferencedJob(client, parsed);
    const { setJobPriority: job } = await client.request(setJobPriority, { id: found.id, priority });
    const ahead = job.waiting?.ahead;
    const place = typeof ahead === 'number' ? `, with ${aheadWords(ahead)} ahead of it` : '';
    terminal.say(`Build ${jobNameOf(jobRowOf(job))} has priority ${job.priority}${place}.`);
    return undefined;
  },
};
