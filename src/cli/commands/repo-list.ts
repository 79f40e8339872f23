import type { CommandModule } from '../command.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { listRepos } from '../operations.js';
import { type Format, outputOption } from '../output/formats.js';
import { printList } from '../output/print-records.js';
import { repoView } from '../output/repo-view.js';
import { readPages } from '../pages.js';
import { parseCount } from '../parse-values.js';

interface Options extends ConnectOptions {
  readonly output: Format;
  readonly limit: number;
}

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command)
      .option('--limit <n>', 'how many at most', parseCount, 100)
      .addOption(outputOption());
  },

  async run({ terminal }, _args, { output, limit, ...options }) {
    const client = await connect(options);
    const repos = await readPages(limit, async (page) => (await client.request(listRepos, page)).repos);
    await printList(terminal, repos, { format: output, view: repoView });
    if (repos.length === 0 && output === 'table')
      terminal.say('No repos. Add one: slipway repo add org/name --url …');
    return undefined;
  },
};
