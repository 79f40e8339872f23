import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { addRepo } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { printRecord } from '../output/print-records.js';
import { repoView } from '../output/repo-view.js';
import { parseRepoReference } from '../repo-reference.js';

interface Options extends ConnectOptions {
  readonly url: string;
  readonly branch?: string;
  readonly output: Format;
}

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<repo>', 'org/name under which it will be known'))
      .requiredOption(
        '--url <url>',
        'where to clone it from: https://… or a directory of the server’s machine',
      )
      .option('--branch <name>', 'default branch; by default the one that the repository names')
      .addOption(outputOption())
      .addHelpText('after', '\nExample: slipway repo add acme/site --url ../site');
  },

  async run({ terminal }, [reference = ''], { url, branch, output, ...options }) {
    const names = parseRepoReference(reference);
    const client = await connect(options);
    // A directory is meant as seen from here, and the server stands elsewhere.
    const cloneUrl = existsSync(url) ? resolve(url) : url;
    const input = { ...names, cloneUrl, ...(branch === undefined ? {} : { defaultBranch: branch }) };
    const { addRepo: repo } = await client.request(addRepo, { input });
    await printRecord(terminal, repo, { format: output, view: repoView });
    terminal.say(`Build it: slipway build create ${repo.fullName} --watch`);
    return undefined;
  },
};
