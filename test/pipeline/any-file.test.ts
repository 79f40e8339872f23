import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  compilePipeline,
  parseCompiled,
  parsePipeline,
  PipelineError,
  serialiseCompiled,
  type Pipeline,
} from '../../src/pipeline/index.js';
import * as keys from '../../src/pipeline/grammar/keys.js';
import { limits } from '../../src/pipeline/limits.js';
import { push } from './rules/rulesets.js';

/** Values that mean something somewhere in the grammar, next to any others. */
const words = fc.constantFrom(
  ...[
    '1',
    'a',
    'b',
    'clone',
    'init',
    'push',
    'tag',
    'main',
    'failure',
    'and',
    'regexp',
    'native',
    'org',
    'repo',
  ],
  ...[
    '30m',
    '90s',
    '0',
    '3',
    'true',
    'no',
    '..',
    '/x',
    'dist/**',
    '[',
    '(',
    'A=b',
    'a/b/c',
    'a/b',
    'queue',
    'x/y',
  ],
  ...['infrastructure', 'steps', '', '\0', '\u2028', '<<', '__proto__'],
);
const scalar = fc.oneof(words, fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const known = Object.values(keys)
  .filter((table) => table !== keys.Support)
  .flatMap((table) => Object.keys(table));
const key = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...known) }, words);

/** Documents of the grammar's keys in any places with any values. */
const { document } = fc.letrec<{ document: unknown; value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 6 }, scalar, fc.array(tie('value'), { maxLength: 4 }), tie('document')),
  document: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
}));

/** Documents that are right as often as not. */
const few = fc.constantFrom('a', 'b', 'c');
const pattern = fc.constantFrom('main', 'push', 'ma*', 'dev', '**');
const step = fc.record(
  {
    name: few,
    commands: fc.constantFrom('x', ['x', 'y']),
    timeout: fc.constantFrom('30m', '90s'),
    retry: fc.constantFrom({ max: 1 }, { max: 2, when: ['infrastructure', { exit_code: 1 }] }),
    secrets: fc.uniqueArray(few, { maxLength: 2 }),
    artifacts: fc.constant({ paths: ['dist/**', 'a.txt'] }),
    parameters: fc.dictionary(few, fc.jsonValue({ maxDepth: 2, stringUnit: few }), { maxKeys: 2 }),
    ruleset: fc.record(
      {
        branch: pattern,
        event: fc.constantFrom('push', 'tag'),
        status: fc.constantFrom('failure', 'success'),
      },
      { requiredKeys: [] },
    ),
    working_directory: fc.constantFrom('sub', '.', './a/b', 'a/', '../x'),
  },
  { requiredKeys: ['name', 'commands'] },
);
const steps = fc.uniqueArray(step, { minLength: 1, maxLength: 3, selector: ({ name }) => name });
const stage = fc.record({ needs: fc.uniqueArray(few, { maxLength: 2 }), steps }, { requiredKeys: ['steps'] });
const top = { timeout: fc.constant('1h'), secrets: fc.constant([{ name: 'a', type: 'org' }]) };
const nearly = fc.oneof(
  fc.record({ ...top, steps }, { requiredKeys: ['steps'] }),
  fc.record(
    { ...top, stages: fc.dictionary(few, stage, { minKeys: 1, maxKeys: 3 }) },
    { requiredKeys: ['stages'] },
  ),
);

function outcomeOf(text: string, file: string): Pipeline | PipelineError {
  try {
    return parsePipeline({ text, file });
  } catch (error) {
    assert.ok(error instanceof PipelineError, String(error));
    return error;
  }
}

function checkProblems({ problems }: PipelineError, text: string): void {
  const lines = text.split('\n');
  assert.ok(problems.length > 0 && problems.length <= limits.problems);
  for (const { line, column, value, expected } of problems) {
    assert.ok(line >= 1 && line <= lines.length, `line ${line}`);
    assert.ok(column >= 1 && column <= (lines[line - 1] ?? '').length + 1, `column ${column}`);
    assert.ok(value.length <= 80 && expected !== '');
  }
}

function checkCompiles(pipeline: Pipeline): void {
  const outcome = compilePipeline(pipeline, push);
  if (outcome.kind === 'SKIPPED') return;
  assert.deepEqual(parseCompiled(serialiseCompiled(outcome.pipeline)), outcome.pipeline);
  const names = outcome.pipeline.stages?.map(({ name }) => name) ?? [];
  for (const { needs } of outcome.pipeline.stages ?? []) {
    assert.ok(
      needs.every((need) => names.includes(need)),
      'needs are there',
    );
  }
}

describe('any file at all', () => {
  for (const file of ['.slipway.yml', '.vela.yml']) {
    it(`is read, or refused with places within it: ${file}`, () => {
      const texts = fc.oneof(document, nearly).map((value) => JSON.stringify(value, undefined, 1));
      fc.assert(
        fc.property(texts, (text) => {
          const outcome = outcomeOf(text, file);
          if (outcome instanceof PipelineError) checkProblems(outcome, text);
          else checkCompiles(outcome);
        }),
        { numRuns: 500 },
      );
    });
  }

  it('reads some of them, so that reading is tested too', () => {
    const texts = fc.sample(nearly, { numRuns: 500, seed: 1 }).map((value) => JSON.stringify(value));
    const read = texts.filter((text) => !(outcomeOf(text, '.slipway.yml') instanceof PipelineError));
    assert.ok(read.length > 100, `${read.length} of ${texts.length}`);
  });
});
