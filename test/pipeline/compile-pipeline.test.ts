import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  compilePipeline,
  explainPipeline,
  parseCompiled,
  parsePipeline,
  serialiseCompiled,
  type CompiledPipeline,
  type RuleFacts,
} from '../../src/pipeline/index.js';
import { proposal, proposalSteps } from './proposal.js';
import { push } from './rules/rulesets.js';

function compile(text: string, facts: RuleFacts = push): CompiledPipeline {
  const outcome = compilePipeline(parsePipeline({ text, file: '.slipway.yml' }), facts);
  assert.ok(outcome.kind === 'COMPILED', outcome.kind);
  return outcome.pipeline;
}

describe('the example of the schedules proposal', () => {
  for (const event of ['schedule', 'deployment']) {
    for (const [target, names] of Object.entries(proposalSteps)) {
      it(`compiles to ${names.join(', ')} for ${event} ${target}`, () => {
        const compiled = compile(proposal, { ...push, event, target });
        assert.deepEqual(
          compiled.steps.map((step) => step.name),
          names,
        );
      });
    }
  }

  it('is skipped for a push, with a reason for each step', () => {
    const outcome = compilePipeline(parsePipeline({ text: proposal, file: '.vela.yml' }), push);
    assert.ok(outcome.kind === 'SKIPPED');
    assert.equal(outcome.reason, 'no step is left after the rules');
    assert.deepEqual(outcome.skipped.at(-1), {
      step: 'notification',
      reason: 'event "push" does not match "deployment", "schedule"',
    });
    assert.equal(outcome.skipped.length, 4);
  });
});

describe('a compiled pipeline', () => {
  it('is what an agent needs and no more', () => {
    const compiled = compile(`
version: "1"
worker: { target: x86_64-linux, labels: { z: 1, a: 2 } }
environment: { Z: all, B: all }
steps:
  - { name: out, commands: x, ruleset: { branch: dev } }
  - { name: one, commands: [a, b], environment: { A: own, B: own, C: own } }
  - { name: two, image: node, commands: c, ruleset: { status: failure, continue: true } }
`);
    assert.equal(JSON.stringify(compiled), serialiseCompiled(compiled));
    assert.deepEqual(compiled, {
      version: '1',
      clone: true,
      target: 'x86_64-linux',
      labels: { a: '2', z: '1' },
      environment: { B: 'all', Z: 'all' },
      steps: [
        {
          number: 1,
          name: 'one',
          commands: ['a', 'b'],
          environment: { A: 'own', B: 'own', C: 'own', Z: 'all' },
          ruleset: { continue: false },
        },
        {
          number: 2,
          name: 'two',
          image: 'node',
          commands: ['c'],
          environment: { B: 'all', Z: 'all' },
          ruleset: { status: ['failure'], continue: true },
        },
      ],
      skipped: [{ step: 'out', reason: 'branch "main" does not match "dev"' }],
      warnings: [],
    });
  });

  it('has all that a step may say', () => {
    const compiled = compile(`
steps:
  - name: a
    entrypoint: [bash, -e]
    commands: [b]
    working_directory: c/
    timeout: 2m
    retry: { max: 1, when: [exit_code: 2] }
    secrets: [d]
    artifacts: { paths: e/* }
    parameters: { f: g }
`);
    assert.equal(JSON.stringify(compiled), serialiseCompiled(compiled));
    assert.deepEqual(compiled.steps, [
      {
        number: 1,
        name: 'a',
        entrypoint: ['bash', '-e'],
        commands: ['b'],
        workingDirectory: 'c',
        timeoutMs: 120_000,
        retry: { max: 1, infrastructure: false, exitCodes: [2] },
        secrets: [{ name: 'd', variable: 'D' }],
        artifacts: ['e/*'],
        environment: { PARAMETER_F: 'g' },
        ruleset: { continue: false },
      },
    ]);
  });

  it('keeps the environment from the steps when the metadata say so', () => {
    const text = 'metadata: {environment: services}\nenvironment: {A: b}\nsteps: [{name: a, commands: b}]';
    assert.deepEqual([compile(text).environment, compile(text).steps[0]?.environment], [{}, {}]);
  });

  it('is explained step by step, in the order of the file', () => {
    const explained = explainPipeline(parsePipeline({ text: proposal, file: '.slipway.yml' }), push);
    assert.deepEqual(
      explained.map((entry) => [
        entry.step.name,
        entry.runs,
        entry.why.map((rule) => [rule.key, rule.matched]),
      ]),
      [
        [
          'unit-test',
          false,
          [
            ['event', false],
            ['target', false],
          ],
        ],
        [
          'integration-test',
          false,
          [
            ['event', false],
            ['target', false],
          ],
        ],
        [
          'publish',
          false,
          [
            ['event', false],
            ['target', false],
          ],
        ],
        ['notification', false, [['event', false]]],
      ],
    );
  });

  it('refuses rules that would take minutes on a change', () => {
    const patterns = Array.from({ length: 90 }, (_, n) => `x{500}${n}`);
    const text = JSON.stringify({
      steps: [{ name: 'a', commands: 'b', ruleset: { matcher: 'regexp', path: patterns } }],
    });
    const pipeline = parsePipeline({ text, file: '.slipway.yml' });
    const paths = Array.from({ length: 3000 }, (_, n) => `${'x'.repeat(400)}${n}`);
    assert.throws(() => compilePipeline(pipeline, { ...push, paths }), { code: 'TOO_LARGE' });
  });

  it('is refused when its steps are too large to travel', () => {
    const environment = { A: 'x'.repeat(100_000) };
    const steps = Array.from({ length: 100 }, (_, n) => ({ name: `${n}`, commands: 'a' }));
    const pipeline = parsePipeline({ text: JSON.stringify({ environment, steps }), file: '.slipway.yml' });
    assert.throws(() => compilePipeline(pipeline, push), { code: 'TOO_LARGE' });
  });

  it('is refused soon when many steps share many variables', () => {
    const environment = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`V${n}`, '']));
    const steps = Array.from({ length: 500 }, (_, n) => ({ name: `${n}`, commands: 'a' }));
    assert.throws(() => compile(JSON.stringify({ environment, steps })), { code: 'TOO_LARGE' });
  });

  it('is refused when its steps ask for too many secrets, which an anchor makes a short text', () => {
    const names = Array.from({ length: 200 }, (_, n) => `${'s'.repeat(90)}${n}`);
    const steps = Array.from({ length: 200 }, (_, n) => `  - { name: s${n}, commands: x, secrets: *all }`);
    const text = `steps:\n  - { name: first, commands: x, secrets: &all [${names.join()}] }\n${steps.join('\n')}\n`;
    assert.throws(() => compile(text), { code: 'TOO_LARGE' });
  });

  it('carries reasons of some length only', () => {
    const branch = Array.from({ length: 5 }, (_, n) => 'b'.repeat(400) + String(n));
    const steps = [
      { name: 'in', commands: 'x' },
      { name: 'out', commands: 'x', ruleset: { branch } },
    ];
    const { skipped } = compile(JSON.stringify({ steps }));
    assert.equal(skipped[0]?.reason.length, 300);
  });

  it('is the same bytes however the file orders its variables, and survives JSON', () => {
    const name = fc.stringMatching(/^(?:__proto__|constructor|[A-Z_][A-Z0-9_]{0,3})$/);
    const variables = fc.uniqueArray(fc.tuple(name, fc.string({ unit: 'grapheme' })), {
      selector: ([key]) => key,
    });
    fc.assert(
      fc.property(variables, fc.nat(), (pairs, turn) => {
        const cut = pairs.length === 0 ? 0 : turn % pairs.length;
        const textOf = (entries: [string, string][]): string => {
          const environment = Object.fromEntries(entries);
          return JSON.stringify({ environment, steps: [{ name: 'a', commands: ['b'], environment }] });
        };
        const storable = pairs.filter(([, value]) => !value.includes('\0') && value.isWellFormed());
        const first = compile(textOf(storable));
        const second = compile(textOf([...storable.slice(cut), ...storable.slice(0, cut)]));
        assert.equal(serialiseCompiled(first), serialiseCompiled(second));
        assert.equal(JSON.stringify(first), serialiseCompiled(first));
        assert.deepEqual(parseCompiled(serialiseCompiled(first)), first);
        assert.deepEqual(Object.entries(first.steps[0]?.environment ?? {}).length, storable.length);
      }),
    );
  });
});
