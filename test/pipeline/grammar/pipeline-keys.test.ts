import assert from 'node:assert/strict';
import { compilePipeline, parsePipeline } from '../../../src/pipeline/index.js';
import { placesOf } from '../problems-of.js';
import { push } from '../rules/rulesets.js';

const withTop = (key: string): string => `${key}\nsteps: [{name: a, commands: x}]\n`;

function compiled(key: string): object {
  const outcome = compilePipeline(parsePipeline({ file: '.slipway.yml', text: withTop(key) }), push);
  assert.ok(outcome.kind === 'COMPILED');
  const { timeoutMs, concurrency } = outcome.pipeline;
  return { timeoutMs, concurrency };
}

describe('the keys of the whole pipeline', () => {
  it('limit its time and how many of it run at once', () => {
    assert.deepEqual(compiled('timeout: 30m\nconcurrency: { group: deploy }'), {
      timeoutMs: 1_800_000,
      concurrency: { group: 'deploy', limit: 1, strategy: 'queue' },
    });
    assert.deepEqual(compiled('concurrency: { group: a b, limit: 3, strategy: cancel_in_progress }'), {
      timeoutMs: undefined,
      concurrency: { group: 'a b', limit: 3, strategy: 'cancel_in_progress' },
    });
  });

  const bad: readonly [string, string][] = [
    ['timeout: never', '1:10 timeout never'],
    ['concurrency: {}', '1:14 concurrency.group nothing'],
    ['concurrency: deploy', '1:14 concurrency deploy'],
    ['concurrency: {group: a, limit: 0}', '1:32 concurrency.limit 0'],
    ['concurrency: {group: a, limit: 1001}', '1:32 concurrency.limit 1001'],
    ['concurrency: {group: a, strategy: cancel}', '1:35 concurrency.strategy cancel'],
    ['metadata: {auto_cancel: {running: true}}', '1:12 metadata.auto_cancel auto_cancel'],
  ];
  for (const [key, place] of bad) {
    it(`are refused: ${key}`, () => assert.equal(placesOf(withTop(key))[0], place));
  }
});
