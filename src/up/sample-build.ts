import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Client } from '../cli/client/client.js';
import { addRepo, type Change, createChange, viewRepo } from '../cli/operations.js';
import type { Folder } from './folder.js';
import { makeSampleRepo } from './sample-repo.js';

const SAMPLE = { org: 'sample', name: 'hello' } as const;
const FULL_NAME = `${SAMPLE.org}/${SAMPLE.name}`;

/**
 * The first time in a folder: makes the sample repo, adds it and asks for its build. Later, and also when somebody
 * removed the sample on purpose, undefined. A start that was cut short is made good: every part is done only once.
 */
export async function firstSampleBuild(client: Client, folder: Folder): Promise<Change | undefined> {
  if (existsSync(folder.sampleDone)) return undefined;
  await makeSampleRepo(folder.sampleRepo);
  if ((await client.find(viewRepo, SAMPLE)) === undefined) {
    const input = { ...SAMPLE, cloneUrl: folder.sampleRepo, defaultBranch: 'main' };
    await client.request(addRepo, { input });
  }
  const { createChange: change } = await client.request(createChange, {
    input: {
      repo: FULL_NAME,
      event: 'manual',
      branch: 'main',
      title: 'First start',
      idempotencyKey: 'first-start',
    },
  });
  await writeFile(folder.sampleDone, `${change.id}\n`);
  return change;
}
