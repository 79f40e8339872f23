import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { ExitCode } from '../exit-codes.js';
import { findReferencedJob, parseJobReference } from '../job-reference.js';
import { verdictOf } from '../job-state.js';
import { parseDurationMs } from '../parse-values.js';
import { explainFailure } from '../watch/explain-failure.js';
import { watchJob } from '../watch/watch-job.js';

interface Options extends ConnectOptions {
  readonly repo?: string;
  readonly exitStatus?: true;
  readonly timeout?: number;
}

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<build>', 'number, org/repo#number or job id'))
      .option('--repo <org/name>', 'the repo that the number belongs to')
      .option('--exit-status', 'exit with 1 unless the build is green')
      .option('--timeout <duration>', 'give up after this time, with exit code 124', parseDurationMs)
      .addHelpText('after', '\nExample: slipway build watch 17 --exit-status --timeout 30m');
  },

  async run({ terminal }, [reference = ''], { repo, exitStatus, timeout: timeoutMs, ...options }) {
    const parsed = parseJobReference(reference, repo);
    const client = await connect(options);
    const job = await watchJob(await findReferencedJob(client, parsed), { client, terminal, timeoutMs });
    const verdict = verdictOf(job.state);
    if (verdict === 'FAILED') await explainFailure(client, terminal, job);
    return verdict === 'PASSED' || exitStatus === undefined ? undefined : ExitCode.FAILED;
  },
};
