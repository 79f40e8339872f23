import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  compilePipeline,
  parseCompiled,
  parsePipeline,
  serialiseCompiled,
  type CompiledPipeline,
} from '../../../src/pipeline/index.js';
import { placesOf, problemsOf } from '../problems-of.js';
import { push } from '../rules/rulesets.js';

function compile(text: string, file = '.slipway.yml'): CompiledPipeline {
  const outcome = compilePipeline(parsePipeline({ text, file }), push);
  assert.ok(outcome.kind === 'COMPILED');
  return outcome.pipeline;
}

const steps = 'steps: [{name: a, commands: x}]';

describe('stages', () => {
  it('are compiled with their steps in the order of the file', () => {
    const compiled = compile(`
environment: { A: pipeline, B: pipeline, C: pipeline, D: pipeline }
stages:
  build:
    environment: { B: stage, C: stage, PARAMETER_P: stage }
    steps:
      - { name: make, commands: x, environment: { C: step }, parameters: { p: own } }
      - { name: check, commands: x }
  test: { needs: build, steps: [{name: make, commands: y}] }
  lint: { independent: true, ${steps} }
  ship: { needs: [test, lint], ${steps} }
`);
    assert.deepEqual(compiled.stages, [
      { name: 'build', needs: [], independent: false },
      { name: 'test', needs: ['build'], independent: false },
      { name: 'lint', needs: [], independent: true },
      { name: 'ship', needs: ['test', 'lint'], independent: false },
    ]);
    assert.deepEqual(
      compiled.steps.map(({ number, stage, name }) => `${number} ${stage} ${name}`),
      ['1 build make', '2 build check', '3 test make', '4 lint a', '5 ship a'],
    );
    const expected = { A: 'pipeline', B: 'stage', C: 'step', D: 'pipeline', PARAMETER_P: 'own' };
    assert.deepEqual(compiled.steps[0]?.environment, expected);
    assert.equal(JSON.stringify(compiled), serialiseCompiled(compiled));
    assert.deepEqual(parseCompiled(serialiseCompiled(compiled)), compiled);
  });

  it('that the rules empty are gone: who needs them need not wait', () => {
    const compiled = compile(`
stages:
  a: { ${steps} }
  b: { needs: a, steps: [{name: a, commands: x, ruleset: {branch: dev}}] }
  c: { needs: [b], ${steps} }
  d: { needs: [a, b, c], ${steps} }
`);
    assert.deepEqual(
      compiled.stages?.map(({ name, needs }) => [name, ...needs]),
      [['a'], ['c'], ['d', 'a', 'c']],
    );
    assert.deepEqual(compiled.skipped, [{ step: 'a', reason: 'branch "main" does not match "dev"' }]);
  });

  const bad: readonly [string, string, string][] = [
    ['beside steps', `${steps}\nstages: {a: {${steps}}}`, '2:1 stages stages'],
    ['none', 'stages: {}', '1:9 stages a mapping'],
    ['a list', 'stages: []', '1:9 stages a list'],
    ['without steps', 'stages: {a: {needs: []}}', '1:13 stages.a.steps nothing'],
    ['of no steps', 'stages: {a: {steps: []}}', '1:21 stages.a.steps a list'],
    ['with an unknown need', `stages: {aa: {${steps}}, b: {needs: ab, ${steps}}}`, '1:60 stages.b.needs ab'],
    ['that need themselves', `stages: {a: {needs: [a], ${steps}}}`, '1:22 stages.a.needs[0] a'],
    [
      'with a name twice in one',
      `stages: {a: {steps: [{name: b, commands: x}, {name: b, commands: y}]}}`,
      '1:53 stages.a.steps[1].name b',
    ],
    ['with an unknown key', `stages: {a: {need: b, ${steps}}}`, '1:14 stages.a.need need'],
    ['without a name', `stages: {" ": {${steps}}}`, '1:10 stages.   '],
    ['called clone', `stages: {a: {needs: clone, ${steps}}}`, '1:21 stages.a.needs clone'],
    [
      'with an independence of another kind',
      `stages: {a: {independent: 1, ${steps}}}`,
      '1:27 stages.a.independent 1',
    ],
  ];
  for (const [claim, text, place] of bad) {
    it(`are refused: ${claim}`, () => assert.equal(placesOf(text)[0], place));
  }

  it('that wait for each other are told once, with all of them', () => {
    const text = `stages:
  x: { needs: [a], ${steps} }
  a: { needs: [c], ${steps} }
  b: { needs: [a], ${steps} }
  c: { needs: [b, x], ${steps} }
  d: { needs: [a], ${steps} }
`;
    const problems = problemsOf(text);
    assert.deepEqual(
      problems.map(({ line, column, expected }) => [line, column, expected]),
      [
        [2, 16, 'stages that do not wait for each other (x needs a needs c needs x)'],
        [3, 16, 'stages that do not wait for each other (a needs c needs b needs a)'],
      ],
    );
  });

  it('that wait for each other are told from the first of them in the file', () => {
    const [problem] = problemsOf(`stages:
  a: { needs: c, ${steps} }
  b: { needs: c, ${steps} }
  c: { needs: b, ${steps} }
`);
    assert.deepEqual([problem?.line, problem?.key], [3, 'stages.b.needs']);
    assert.match(problem?.expected ?? '', /\(b needs c needs b\)$/);
  });

  it('are in order exactly when no circle is among their needs', () => {
    const count = 8;
    const edge = fc.tuple(fc.nat(count - 1), fc.nat(count - 1));
    fc.assert(
      fc.property(fc.uniqueArray(edge, { selector: String, maxLength: 14 }), (edges) => {
        const stages = Array.from({ length: count }, (_, n) => [
          `s${n}`,
          {
            needs: edges.filter(([from]) => from === n).map(([, to]) => `s${to}`),
            steps: [{ name: 'a', commands: 'x' }],
          },
        ]);
        const text = JSON.stringify({ stages: Object.fromEntries(stages) as unknown });
        if (hasOrder(count, edges)) assert.equal(compile(text).stages?.length, count);
        else
          assert.match(problemsOf(text)[0]?.expected ?? '', /wait for each other|another stage than itself/);
      }),
      { numRuns: 300 },
    );
  });

  it('are not too many, nor are their steps', () => {
    const many = Array.from({ length: 101 }, (_, n) => `s${n}: {${steps}}`);
    assert.equal(problemsOf(`stages: {${many.join()}}`)[0]?.expected, 'at most 100 stages');
    const long = Array.from({ length: 260 }, (_, n) => `{name: n${n}, commands: x}`).join();
    const two = `stages: {a: {steps: [${long}]}, b: {steps: [${long}]}}`;
    assert.deepEqual(problemsOf(two).at(-1)?.expected, 'at most 500 steps');
  });

  it('end soon when everyone needs everyone', () => {
    const names = Array.from({ length: 100 }, (_, n) => `s${n}`);
    const stages = names.map((name) => `${name}: {needs: [${names.join()}], ${steps}}`);
    assert.equal(problemsOf(`stages: {${stages.join()}}`).length, 200);
  });
});

/** Takes away what needs nothing, until nothing is left or nothing can be taken. */
function hasOrder(count: number, edges: readonly (readonly [number, number])[]): boolean {
  let left = Array.from({ length: count }, (_, n) => n);
  for (;;) {
    const next = left.filter((n) => edges.some(([from, to]) => from === n && left.includes(to)));
    if (next.length === left.length) return left.length === 0;
    left = next;
  }
}
