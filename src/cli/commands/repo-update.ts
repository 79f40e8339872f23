import { usageError } from '../cli-error.js';
import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { addCredentialOptions, type CredentialOptions, readCredential } from '../credential-options.js';
import { parseCount } from '../parse-values.js';
import { updateRepo, type UpdateRepoInput } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { printRecord } from '../output/print-records.js';
import { repoView } from '../output/repo-view.js';
import { parseRepoReference } from '../repo-reference.js';
import { addRepoSettings, cloneUrlOf, type RepoSettings, settingsOf } from '../repo-settings.js';

interface Options extends ConnectOptions, CredentialOptions, RepoSettings {
  readonly name?: string;
  readonly url?: string;
  readonly defaultBranch?: string;
  readonly active?: boolean;
  readonly inactive?: boolean;
  readonly expectedVersion?: number;
  /** False with --no-credential. */
  readonly credential: boolean;
  readonly output: Format;
}

const EXAMPLES = `
Examples: slipway repo update acme/app --build-limit 4 --timeout 45m
          slipway repo update acme/app --git-token-file - < token
          slipway repo update acme/app --no-credential`;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<repo>', 'org/name'))
      .option('--name <name>', 'new name within the organisation')
      .option('--url <url>', 'where to clone it from; another server needs the credential again')
      .option('--default-branch <name>', 'branch that is built when none is named')
      .option('--active', 'build its changes')
      .option('--inactive', 'do not build its changes')
      .option('--expected-version <n>', 'change nothing when the repo has another version by now', parseCount)
      .option('--no-credential', 'take its credential away');
    addRepoSettings(addCredentialOptions(command)).addOption(outputOption()).addHelpText('after', EXAMPLES);
  },

  async run({ terminal }, [reference = ''], options) {
    const { org, name } = parseRepoReference(reference);
    const changes = await readChanges(options);
    if (Object.keys(changes).length === 0)
      throw usageError('there is nothing to change', '--help lists what can be');
    const { expectedVersion } = options;
    const input = {
      repo: `${org}/${name}`,
      ...changes,
      ...(expectedVersion !== undefined && { expectedVersion }),
    };
    const { updateRepo: repo } = await (await connect(options)).request(updateRepo, { input });
    await printRecord(terminal, repo, { format: options.output, view: repoView });
    return undefined;
  },
};

async function readChanges(options: Options): Promise<Omit<UpdateRepoInput, 'repo'>> {
  const { name, url, defaultBranch, active, inactive } = options;
  if (active === true && inactive === true) throw usageError('give one of --active and --inactive');
  const credential = await readCredential(options);
  if (credential !== undefined && !options.credential) {
    throw usageError('--no-credential takes a credential away: give it without one');
  }
  return {
    ...settingsOf(options),
    ...(name !== undefined && { name }),
    ...(url !== undefined && { cloneUrl: cloneUrlOf(url) }),
    ...(defaultBranch !== undefined && { defaultBranch }),
    ...((active ?? inactive) !== undefined && { active: active === true }),
    ...(credential && { credential }),
    ...(!options.credential && { removeCredential: true }),
  };
}
