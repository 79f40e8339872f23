import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { addCredentialOptions, type CredentialOptions, readCredential } from '../credential-options.js';
import { addRepo } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { printRecord } from '../output/print-records.js';
import { repoView } from '../output/repo-view.js';
import { parseRepoReference } from '../repo-reference.js';
import { addRepoSettings, cloneUrlOf, type RepoSettings, settingsOf } from '../repo-settings.js';

interface Options extends ConnectOptions, CredentialOptions, RepoSettings {
  readonly url: string;
  readonly branch?: string;
  readonly output: Format;
}

const EXAMPLES = `
Examples: slipway repo add acme/site --url ../site
          slipway repo add acme/app --url https://git.example.org/acme/app --git-token-file token
          slipway repo add acme/api --url git@git.example.org:acme/api.git --ssh-key-file deploy-key --known-hosts-file known_hosts`;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<repo>', 'org/name under which it will be known')).requiredOption(
      '--url <url>',
      'where to clone it from: https://…, user@host:path, or a directory of the server’s machine',
    );
    command.option('--branch <name>', 'default branch; by default the one that the repository names');
    addRepoSettings(addCredentialOptions(command)).addOption(outputOption()).addHelpText('after', EXAMPLES);
  },

  async run({ terminal }, [reference = ''], { url, branch, output, ...options }) {
    const names = parseRepoReference(reference);
    const credential = await readCredential(options);
    const client = await connect(options);
    const input = {
      ...names,
      ...settingsOf(options),
      cloneUrl: cloneUrlOf(url),
      ...(branch !== undefined && { defaultBranch: branch }),
      ...(credential && { credential }),
    };
    const { addRepo: repo } = await client.request(addRepo, { input });
    await printRecord(terminal, repo, { format: output, view: repoView });
    terminal.say(`Build it: slipway build create ${repo.fullName} --watch`);
    return undefined;
  },
};
