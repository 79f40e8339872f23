import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import type { CommandModule } from '../command.js';
import { findReferencedJob, parseJobReference } from '../job-reference.js';
import { listArtifacts } from '../operations.js';
import { artifactView } from '../output/artifact-view.js';
import { type Format, outputOption } from '../output/formats.js';
import { printList } from '../output/print-records.js';
import { lastAttempt } from '../watch/last-attempt.js';

interface Options extends ConnectOptions {
  readonly repo?: string;
  readonly output: Format;
}

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<build>', 'number, org/repo#number or job id'))
      .option('--repo <org/name>', 'the repo that the number belongs to')
      .addOption(outputOption());
  },

  async run({ terminal }, [reference = ''], { repo, output, ...options }) {
    const parsed = parseJobReference(reference, repo);
    const client = await connect(options);
    const attempt = lastAttempt(await findReferencedJob(client, parsed));
    const { build } = await client.request(listArtifacts, { build: attempt.id });
    await printList(terminal, build.artifacts, { format: output, view: artifactView });
    if (build.artifacts.length === 0 && output === 'table') terminal.say('This build has left no files.');
    return undefined;
  },
};
