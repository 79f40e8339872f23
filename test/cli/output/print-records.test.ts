import assert from 'node:assert/strict';
import pc from 'picocolors';
import { parse } from 'yaml';
import { FORMATS, type Format } from '../../../src/cli/output/formats.js';
import { jobRowOf, jobView } from '../../../src/cli/output/job-view.js';
import { printList, printRecord } from '../../../src/cli/output/print-records.js';
import type { Job } from '../../../src/cli/operations.js';
import type { Terminal } from '../../../src/cli/terminal.js';

const job: Job = {
  id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  number: 17,
  repo: { fullName: 'acme/site' },
  project: { name: 'acme/site' },
  target: 'x86_64-linux',
  event: 'push',
  branch: 'evil\u001B[2J\nbranch',
  commit: '4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e',
  state: 'COMPLETE',
  attempt: 1,
  reason: null,
  failureKind: null,
  error: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:01.000Z',
  finishedAt: '2026-01-01T00:00:03.500Z',
  worker: { id: 'w-1', hostname: 'm-1' },
};

function recorder(): Terminal & { written: string } {
  const plain = pc.createColors(false);
  return {
    written: '',
    out(text) {
      this.written += text;
    },
    say: () => undefined,
    outColours: plain,
    sayColours: plain,
    isLively: false,
    confirm: () => Promise.resolve(),
  };
}

async function print(format: Format, jobs = [job]): Promise<string> {
  const terminal = recorder();
  await printList(terminal, jobs.map(jobRowOf), { format, view: jobView });
  return terminal.written;
}

describe('printList of builds', () => {
  it('gives programs exactly the fields that they rely on', async () => {
    const expected = {
      id: job.id,
      repo: 'acme/site',
      number: 17,
      project: 'acme/site',
      target: 'x86_64-linux',
      event: 'push',
      branch: job.branch,
      commit: job.commit,
      state: 'COMPLETE',
      attempt: 1,
      createdAt: job.createdAt,
      startedAt: job.startedAt,
      finishedAt: job.finishedAt,
      workerId: 'w-1',
      worker: 'm-1',
    };
    const [row] = JSON.parse(await print('json')) as object[];
    assert.deepEqual(row, expected);
    assert.deepEqual(Object.keys(row ?? {}), Object.keys(expected));
    assert.deepEqual(JSON.parse(await print('jsonl')), expected);
    assert.deepEqual(parse(await print('yaml')), [expected]);
    assert.equal(await print('name'), 'acme/site#17\n');
  });

  it('gives an empty list as one, and no title over no rows', async () => {
    assert.deepEqual(JSON.parse(await print('json', [])), []);
    assert.equal(await print('jsonl', []), '');
    assert.equal(await print('table', []), '');
  });

  it('says the state by glyph and word, and shows no control character of a branch', async () => {
    const text = await print('table');
    assert.match(text, /✓ COMPLETE/);
    assert.match(text, /evil\uFFFD\[2J\uFFFDbranch/);
    assert.equal(text.split('\n').length, 3);
    assert.match(text, /2\.5 s/);
  });

  it('shows more in wide', async () => {
    assert.doesNotMatch(await print('table'), /x86_64-linux/);
    assert.match(await print('wide'), /x86_64-linux/);
  });

  it('prints a single record as an object', async () => {
    const terminal = recorder();
    await printRecord(terminal, jobRowOf(job), { format: 'json', view: jobView });
    assert.equal((JSON.parse(terminal.written) as { number: number }).number, 17);
  });

  it('knows every format that the option offers', async () => {
    for (const format of FORMATS) assert.notEqual(await print(format), '');
  });
});
