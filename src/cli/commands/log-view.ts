import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { findReferencedJob, parseJobReference } from '../job-reference.js';
import { followLog } from '../watch/follow-log.js';
import { lastAttempt } from '../watch/last-attempt.js';
import { LogReader } from '../watch/read-log.js';
import { stepNumberOf } from '../watch/step-reference.js';

interface Options extends ConnectOptions {
  readonly repo?: string;
  readonly step?: string;
  readonly follow?: true;
}

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<build>', 'number, org/repo#number or job id'))
      .option('--repo <org/name>', 'the repo that the number belongs to')
      .option('--step <step>', 'of this step alone, by name or number')
      .option('-f, --follow', 'go on until the build is over')
      .addHelpText(
        'after',
        '\nPrints the text of the log as it is. Example: slipway log view 17 --step test',
      );
  },

  async run({ terminal }, [reference = ''], { repo, step, follow, ...options }) {
    const parsed = parseJobReference(reference, repo);
    const client = await connect(options);
    const job = await findReferencedJob(client, parsed);
    if (follow === true) {
      await followLog(job, { client, terminal, step });
      return undefined;
    }
    const build = lastAttempt(job);
    const reader = new LogReader(client, { build: build.id, step: stepNumberOf(build, step) });
    for await (const { text } of reader.newSlices()) terminal.out(text);
    return undefined;
  },
};
