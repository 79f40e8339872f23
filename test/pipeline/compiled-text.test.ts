import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCompiled, readCompiled, serialiseCompiled } from '../../src/pipeline/index.js';
import { DomainError } from '../../src/base/errors.js';

const good = {
  version: '1',
  clone: true,
  target: 'x86_64-linux',
  labels: { a: 'b' },
  environment: { A: 'b' },
  steps: [
    {
      number: 1,
      name: 'one',
      image: 'node',
      commands: ['a'],
      environment: { A: 'b' },
      ruleset: { status: ['failure'], continue: false },
    },
  ],
  skipped: [{ step: 'two', reason: 'why' }],
  warnings: ['w'],
} as const;

/** One with everything that may be absent. */
const full = {
  ...good,
  steps: [
    {
      number: 1,
      name: 'one',
      stage: 's',
      image: 'node',
      entrypoint: ['sh'],
      commands: ['a'],
      workingDirectory: 'sub',
      timeoutMs: 1000,
      retry: { max: 1, infrastructure: true, exitCodes: [1] },
      secrets: [{ name: 'a', variable: 'A' }],
      artifacts: ['dist/**'],
      environment: { A: 'b' },
      ruleset: { status: ['failure'], continue: false },
    },
  ],
  stages: [{ name: 's', needs: [], independent: false }],
  secrets: [{ name: 'a', type: 'repo', key: 'octo/cat/a' }],
  timeoutMs: 1000,
  concurrency: { group: 'g', limit: 1, strategy: 'queue' },
} as const;

describe('the text of a compiled pipeline', () => {
  it('is read as it was written, with all that it may have', () => {
    assert.deepEqual(parseCompiled(serialiseCompiled(full)), full);
    const shuffled = Object.fromEntries(Object.entries(full).reverse());
    assert.equal(serialiseCompiled(readCompiled(shuffled)), serialiseCompiled(full));
  });

  it('is read as it was written', () => {
    assert.deepEqual(parseCompiled(serialiseCompiled(good)), good);
  });

  it('has one order of keys and no others', () => {
    const shuffled = { ...Object.fromEntries(Object.entries(good).reverse()), extra: 1 };
    assert.equal(serialiseCompiled(readCompiled(shuffled)), serialiseCompiled(good));
  });

  const step = good.steps[0];
  const bad: readonly [string, unknown][] = [
    ['pipeline', null],
    ['pipeline', []],
    ['pipeline.version', { ...good, version: '2' }],
    ['pipeline.clone', { ...good, clone: 'yes' }],
    ['pipeline.target', { ...good, target: null }],
    ['pipeline.labels.a', { ...good, labels: { a: 1 } }],
    ['pipeline.environment', { ...good, environment: [] }],
    ['pipeline.environment.A', { ...good, environment: { A: 'x\0' } }],
    ['pipeline.steps', { ...good, steps: {} }],
    ['pipeline.steps[0]', { ...good, steps: ['x'] }],
    ['pipeline.steps[0].number', { ...good, steps: [{ ...step, number: 2 }] }],
    ['pipeline.steps[0].commands[0]', { ...good, steps: [{ ...step, commands: [1] }] }],
    ['pipeline.steps[0].ruleset', { ...good, steps: [{ ...step, ruleset: undefined }] }],
    [
      'pipeline.steps[0].ruleset.status[0]',
      { ...good, steps: [{ ...step, ruleset: { status: ['x'], continue: true } }] },
    ],
    ['pipeline.steps[0].ruleset.continue', { ...good, steps: [{ ...step, ruleset: {} }] }],
    ['pipeline.steps[0].stage', { ...good, steps: [{ ...step, stage: 1 }] }],
    ['pipeline.steps[0].entrypoint', { ...good, steps: [{ ...step, entrypoint: 'sh' }] }],
    ['pipeline.steps[0].workingDirectory', { ...good, steps: [{ ...step, workingDirectory: null }] }],
    ['pipeline.steps[0].timeoutMs', { ...good, steps: [{ ...step, timeoutMs: 0.5 }] }],
    [
      'pipeline.steps[0].retry.max',
      { ...good, steps: [{ ...step, retry: { max: -1, infrastructure: true } }] },
    ],
    ['pipeline.steps[0].retry.infrastructure', { ...good, steps: [{ ...step, retry: { max: 1 } }] }],
    ['pipeline.steps[0].secrets[0].variable', { ...good, steps: [{ ...step, secrets: [{ name: 'a' }] }] }],
    ['pipeline.steps[0].artifacts[0]', { ...good, steps: [{ ...step, artifacts: [null] }] }],
    ['pipeline.stages[0].needs', { ...good, stages: [{ name: 's', independent: false }] }],
    ['pipeline.stages[0].independent', { ...good, stages: [{ name: 's', needs: [] }] }],
    ['pipeline.secrets[0].type', { ...good, secrets: [{ name: 'a', type: 'team', key: 'k' }] }],
    ['pipeline.timeoutMs', { ...good, timeoutMs: '1' }],
    ['pipeline.concurrency.limit', { ...good, concurrency: { group: 'g', strategy: 'queue' } }],
    ['pipeline.concurrency.strategy', { ...good, concurrency: { group: 'g', limit: 1, strategy: 'x' } }],
    ['pipeline.skipped[0].reason', { ...good, skipped: [{ step: 'a' }] }],
    ['pipeline.warnings', { ...good, warnings: undefined }],
  ];
  for (const [field, value] of bad) {
    it(`is refused with the field that is wrong: ${field}`, () => {
      assert.throws(
        () => readCompiled(value),
        (error) => {
          assert.ok(error instanceof DomainError);
          const [problem] = error.details['problems'] as { field: string }[];
          return problem?.field === field;
        },
      );
    });
  }

  it('is refused when it is no JSON', () => {
    assert.throws(() => parseCompiled('{'), { code: 'VALIDATION_FAILED' });
  });

  it('is refused or read, never anything else, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          parseCompiled(text);
        } catch (error) {
          assert.ok(error instanceof DomainError, String(error));
        }
      }),
    );
  });
});
