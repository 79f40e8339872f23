import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { findReferencedJob, parseJobReference } from '../job-reference.js';
import { rebuildJob } from '../operations.js';
import { addFollowOptions, followChange, type FollowOptions } from '../watch/follow-change.js';

interface Options extends ConnectOptions, FollowOptions {
  readonly repo?: string;
  readonly idempotencyKey?: string;
}

const EXAMPLES = `
Makes a new change with the event and commit of the build, and prints the build that it became. How the build ended, or
whether it has, does not matter; it stays as it is.
Examples:
  slipway build rebuild 17 --watch
  slipway build rebuild acme/site#17 --output name`;

export const command: CommandModule<Options> = {
  define(command) {
    addFollowOptions(addConnectOptions(command.argument('<build>', 'number, org/repo#number or job id')))
      .option('--repo <org/name>', 'the repo that the number belongs to')
      .option('--idempotency-key <key>', 'the same key makes the change only once')
      .addHelpText('after', EXAMPLES);
  },

  async run({ terminal }, [reference = ''], options) {
    const { repo, idempotencyKey = null, watch, timeout, output, ...connection } = options;
    const parsed = parseJobReference(reference, repo);
    const client = await connect(connection);
    const { id } = await findReferencedJob(client, parsed);
    const { rebuildJob: change } = await client.request(rebuildJob, { id, idempotencyKey });
    return followChange(change, { client, terminal, timeoutMs: timeout, watch: watch === true, output });
  },
};
