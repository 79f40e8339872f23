import type { Command } from 'commander';
import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { createChange, type CreateChangeInput } from '../operations.js';
import { gather, parsePriority } from '../parse-values.js';
import { parseRepoReference } from '../repo-reference.js';
import { addFollowOptions, followChange, type FollowOptions } from '../watch/follow-change.js';

type ChangeOptions = Omit<CreateChangeInput, 'repo' | 'paths' | 'idempotencyKey'>;

interface Options extends ConnectOptions, FollowOptions, ChangeOptions {
  readonly path?: readonly string[];
  readonly idempotencyKey?: string;
}

const EXAMPLES = `
Prints the builds that the change became, with --watch once they are over; exits with 1, and says why, when it became none.
Examples:
  slipway build create sample/hello --watch
  slipway build create acme/site --event push --branch main --commit 4f1c…`;

export const command: CommandModule<Options> = {
  define(command) {
    addFollowOptions(addConnectOptions(addChangeOptions(command.argument('<repo>', 'org/name'))))
      .option('--idempotency-key <key>', 'the same key makes the change only once')
      .addHelpText('after', EXAMPLES);
  },

  async run({ terminal }, [repo = ''], options) {
    parseRepoReference(repo);
    const { server, tokenFile, watch, timeout, output, path, ...given } = options;
    const client = await connect({ ...(server && { server }), ...(tokenFile && { tokenFile }) });
    const input = { ...given, repo, ...(path === undefined ? {} : { paths: path }) };
    const { createChange: change } = await client.request(createChange, { input });
    return followChange(change, { client, terminal, timeoutMs: timeout, watch: watch === true, output });
  },
};

function addChangeOptions(command: Command): Command {
  return command
    .option('--event <event>', 'what the rulesets of the pipeline see', 'manual')
    .option('--action <action>', 'of the event, such as opened')
    .option('--ref <ref>', 'git ref to build')
    .option('--branch <name>', 'branch to build; by default the repo’s')
    .option('--commit <sha>', 'commit to build; by default the newest of the branch')
    .option('--tag <name>', 'tag to build')
    .option('--target <name>', 'deployment target or schedule, for rulesets')
    .option('--title <text>', 'a word on why')
    .option('--sender <name>', 'who caused it, for rulesets')
    .option('--comment <text>', 'text of the comment, for rulesets')
    .option('--path <file>', 'changed file, for rulesets; may be given several times', gather)
    .option('--priority <n>', 'from -10 to 10; higher ones are served first', parsePriority)
    .option('--project <name>', 'build this project instead of the root');
}
