import { DomainError, ErrorCode } from '../../base/errors.js';
import { isOver, type JobState } from '../job-state.js';
import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { findReferencedJob, parseJobReference } from '../job-reference.js';
import { cancelJob } from '../operations.js';
import { jobNameOf, jobRowOf } from '../output/job-view.js';

interface Options extends ConnectOptions {
  readonly repo?: string;
  readonly yes?: true;
}

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<build>', 'number, org/repo#number or job id'))
      .option('--repo <org/name>', 'the repo that the number belongs to')
      .option('-y, --yes', 'do not ask');
  },

  async run({ terminal }, [reference = ''], { repo, yes, ...options }) {
    const parsed = parseJobReference(reference, repo);
    const client = await connect(options);
    const found = await findReferencedJob(client, parsed);
    const name = jobNameOf(jobRowOf(found));
    if (isOver(found.state)) throw hasEnded(name, found.state);
    await terminal.confirm(`Cancel build ${name} (${found.state})?`, yes);
    const { cancelJob: job } = await client.request(cancelJob, { id: found.id });
    terminal.say(`Build ${name} is ${job.state}. Follow it: slipway build watch ${name}`);
    return undefined;
  },
};

/** The same code as the server's answer, which knows the build by its id alone. */
function hasEnded(name: string, state: JobState): DomainError {
  return new DomainError(ErrorCode.ALREADY_FINAL, `build ${name} has ended already: it is ${state}`);
}
