import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Client } from '../client/client.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { saveDownload } from '../client/save-download.js';
import { CliError } from '../cli-error.js';
import type { CommandModule } from '../command.js';
import { findReferencedJob, parseJobReference } from '../job-reference.js';
import { type Artifact, listArtifacts } from '../operations.js';
import { printable } from '../output/printable.js';
import { lastAttempt } from '../watch/last-attempt.js';

interface Options extends ConnectOptions {
  readonly repo?: string;
  readonly dir?: string;
}

const HELP = `
Saves each file under its path and prints its name; a file is in its place only when its SHA-256 is right. When steps have
left files of the same path, the last one counts. Example: slipway artifact download 17 dist/app.tar.gz --dir out`;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<build>', 'number, org/repo#number or job id'))
      .argument('[path]', 'of this file alone, or of those in this directory')
      .option('--repo <org/name>', 'the repo that the number belongs to')
      .option('--dir <directory>', 'where the files go (default: here)')
      .addHelpText('after', HELP);
  },

  async run({ terminal }, [reference = '', path], { repo, dir = '.', ...options }) {
    const parsed = parseJobReference(reference, repo);
    const client = await connect(options);
    const attempt = lastAttempt(await findReferencedJob(client, parsed));
    const artifacts = await artifactsOf(client, attempt.id, path);
    await mkdir(dir, { recursive: true });
    for (const artifact of artifacts) {
      const file = await placeOf(artifact, dir);
      await saveDownload(client, { path: artifact.url, file, sha256Header: 'slipway-artifact-sha256' });
      terminal.out(`${printable(file)}\n`);
    }
    return undefined;
  },
};

async function artifactsOf(client: Client, id: string, path: string | undefined): Promise<Artifact[]> {
  const { build } = await client.request(listArtifacts, { build: id });
  const wanted = build.artifacts.filter(
    (each) => path === undefined || each.path === path || each.path.startsWith(`${path.replace(/\/$/, '')}/`),
  );
  if (wanted.length > 0) return [...new Map(wanted.map((each) => [each.path, each])).values()];
  const what = path === undefined ? 'this build has left no files' : `this build has left no file ${path}`;
  throw new CliError('NOT_FOUND', what, { next: 'slipway artifact list' });
}

/** Paths are the build's: nothing of one may leave the directory, not even through a link that is there already. */
async function placeOf({ path }: Artifact, dir: string): Promise<string> {
  const file = join(dir, path);
  if (!isBelow(resolve(dir), resolve(file))) throw outside(path);
  await mkdir(dirname(file), { recursive: true });
  if (!isBelow(await realpath(dir), join(await realpath(dirname(file)), 'file'))) throw outside(path);
  return file;
}

function isBelow(directory: string, file: string): boolean {
  const [first] = relative(directory, file).split(sep);
  return first !== '' && first !== '..';
}

function outside(path: string): CliError {
  return new CliError('FAILED', `artifact ${JSON.stringify(path)} would be saved outside of the directory`);
}
