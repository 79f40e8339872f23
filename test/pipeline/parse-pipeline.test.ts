import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dialectOf, parsePipeline, type Pipeline } from '../../src/pipeline/index.js';
import { stepKeys, pipelineKeys, Support } from '../../src/pipeline/grammar/keys.js';
import { placesOf, problemsOf } from './problems-of.js';

const parse = (text: string, file = '.slipway.yml'): Pipeline => parsePipeline({ text, file });
const withStep = (lines: string): string => `steps:\n  - name: a\n    commands: x\n${lines}`;

describe('a pipeline file', () => {
  it('is read with all that is supported', () => {
    const pipeline = parse(`
version: "1"
metadata: { clone: false, environment: [steps] }
worker: { target: x86_64-linux, labels: { gpu: true }, flavor: large, platform: amd64 }
environment: { LEVEL: info }
steps:
  - name: unit test
    image: node:20
    commands: npm test
    environment: [A=b=c, EMPTY=]
    ruleset: { event: push, continue: true }
`);
    assert.equal(pipeline.clone, false);
    assert.deepEqual(pipeline.worker, {
      target: 'x86_64-linux',
      labels: { flavor: 'large', gpu: 'true', platform: 'amd64' },
    });
    assert.deepEqual(pipeline.environment, { LEVEL: 'info' });
    const [step] = pipeline.steps;
    assert.deepEqual(step?.commands, ['npm test']);
    assert.deepEqual(step?.environment, { A: 'b=c', EMPTY: '' });
    assert.equal(step?.ruleset.continue, true);
    assert.equal(step?.image, 'node:20');
    assert.deepEqual(pipeline.warnings, []);
  });

  it('keeps values that are no text as YAML wrote them', () => {
    const text = 'environment: {A: 1.10, B: 0x1F, C: yes, D: True, E: , F: ~, G: "7", H: 1e3}\n';
    const { environment, steps } = parse(`${text}steps: [{name: 1.10, commands: [true, 010]}]`);
    const expected = { A: '1.10', B: '0x1F', C: 'yes', D: 'True', E: '', F: '', G: '7', H: '1e3' };
    assert.deepEqual(environment, expected);
    assert.deepEqual([steps[0]?.name, ...(steps[0]?.commands ?? [])], ['1.10', 'true', '010']);
  });

  it('gathers all problems in the order of the file', () => {
    const text = `version: 2
enviroment: {}
environment: { 1A: x, B: [] }
steps:
  - name: init
    commands: []
  - name: one
    commands: [ok, { a: b }, ""]
  - name: one
    commnds: x
  - just a text
`;
    assert.deepEqual(placesOf(text), [
      '1:10 version 2',
      '2:1 enviroment enviroment',
      '3:16 environment.1A 1A',
      '3:26 environment.B a list',
      '5:11 steps[0].name init',
      '6:15 steps[0].commands a list',
      '8:20 steps[1].commands[1] a mapping',
      '8:30 steps[1].commands[2] ',
      '9:5 steps[2].commands nothing',
      '9:11 steps[2].name one',
      '10:5 steps[2].commnds commnds',
      '11:5 steps[3] just a text',
    ]);
  });

  it('has one line of message per problem', () => {
    assert.throws(() => parse('steps: []\nfoo: 1\n'), {
      name: 'PipelineError',
      code: 'VALIDATION_FAILED',
      message:
        /^\.slipway\.yml:1:8: steps: got "a list", expected a list of at least one step\n\.slipway\.yml:2:1: foo: /,
    });
  });

  it('suggests the key that was meant', () => {
    assert.match(problemsOf(withStep('    rulset: {}\n'))[0]?.expected ?? '', /did you mean "ruleset"\?$/);
  });

  const bad: readonly [string, string, string][] = [
    ['steps are no list', 'steps: {}\n', '1:8 steps a mapping'],
    ['steps are missing', 'version: "1"\n', '1:1 steps nothing'],
    ['the file is a list', '- a\n', '1:1  a list'],
    ['clone is no flag', 'metadata: {clone: yes}\n' + withStep(''), '1:19 metadata.clone yes'],
    [
      'a name is too long',
      `steps: [{name: ${'n'.repeat(101)}, commands: x}]`,
      `1:16 steps[0].name ${'n'.repeat(79)}…`,
    ],
    ['a name has a control character', 'steps: [{name: "a\\nb", commands: x}]', '1:16 steps[0].name a\nb'],
    ['a name is blank', 'steps: [{name: " ", commands: x}]', '1:16 steps[0].name  '],
    ['a target is a list', 'worker: {target: [a]}\n' + withStep(''), '1:18 worker.target a list'],
    ['a label has no value', 'worker: {labels: {gpu: }}\n' + withStep(''), '1:19 worker.labels.gpu nothing'],
    [
      'a label is given twice',
      'worker: {labels: {flavor: a}, flavor: b}\n' + withStep(''),
      '1:31 worker.flavor flavor',
    ],
    [
      'an operator is unknown',
      withStep('    ruleset: {operator: xor}\n'),
      '4:25 steps[0].ruleset.operator xor',
    ],
    [
      'a matcher is unknown',
      withStep('    ruleset: {if: {matcher: glob}}\n'),
      '4:29 steps[0].ruleset.if.matcher glob',
    ],
    ['a rule has no pattern', withStep('    ruleset: {branch: []}\n'), '4:23 steps[0].ruleset.branch a list'],
    ['a pattern is empty', withStep('    ruleset: {branch: ""}\n'), '4:23 steps[0].ruleset.branch '],
    [
      'a glob is bad',
      withStep('    ruleset:\n      unless:\n        path:\n          - ok\n          - "[a"\n'),
      '8:13 steps[0].ruleset.unless.path[1] [a',
    ],
    [
      'a regexp is bad',
      withStep('    ruleset: {matcher: regexp, tag: "v(?=1)"}\n'),
      '4:37 steps[0].ruleset.tag v(?=1)',
    ],
    [
      'an event is unknown',
      withStep('    ruleset: {event: [push, pulrequest]}\n'),
      '4:29 steps[0].ruleset.event[1] pulrequest',
    ],
    [
      'a status is unknown',
      withStep('    ruleset: {status: failed}\n'),
      '4:23 steps[0].ruleset.status failed',
    ],
    [
      'a rule is at the top and in if',
      withStep('    ruleset: {branch: a, if: {branch: b}}\n'),
      '4:31 steps[0].ruleset.if.branch branch',
    ],
    [
      'continue is no flag',
      withStep('    ruleset: {continue: "true"}\n'),
      '4:25 steps[0].ruleset.continue true',
    ],
  ];
  for (const [claim, text, place] of bad) {
    it(`refuses: ${claim}`, () => assert.deepEqual(placesOf(text), [place]));
  }

  it('says of each known key that it is not supported yet, at the key', () => {
    const unread = (keys: object): string[] =>
      Object.entries(keys)
        .filter(([, support]) => support !== Support.READ && support !== Support.VELA)
        .map(([key]) => key);
    for (const key of unread(pipelineKeys)) {
      const [problem, ...others] = problemsOf(`steps: [{name: a, commands: b}]\n${key}: {}\n`);
      assert.match(problem?.expected ?? '', /known but not supported yet/);
      assert.deepEqual([problem?.line, problem?.column, problem?.key, others.length], [2, 1, key, 0]);
    }
    for (const key of unread(stepKeys)) {
      const [problem, ...others] = problemsOf(withStep(`    ${key}: {}\n`));
      assert.match(problem?.expected ?? '', /known but not supported yet/);
      assert.deepEqual(
        [problem?.line, problem?.column, problem?.key, others.length],
        [4, 5, `steps[0].${key}`, 0],
      );
    }
  });

  it('finds any unknown key at its very place', () => {
    const spot = fc.record({ steps: fc.integer({ min: 1, max: 20 }), blank: fc.integer({ min: 0, max: 5 }) });
    fc.assert(
      fc.property(spot, fc.nat(), fc.integer({ min: 1, max: 8 }), ({ steps, blank }, choice, indent) => {
        const bad = choice % steps;
        const pad = ' '.repeat(indent);
        const lines = ['steps:'];
        let line = 0;
        for (let n = 0; n < steps; n += 1) {
          lines.push(...Array.from({ length: blank }, () => '# a comment'));
          lines.push(`${pad}- name: s${n}`, `${pad}  commands: x`);
          if (n === bad) line = lines.push(`${pad}  qwerty: 1`);
        }
        assert.deepEqual(placesOf(lines.join('\n')), [`${line}:${indent + 3} steps[${bad}].qwerty qwerty`]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a file with Vela's keys", () => {
  it('is told by its name', () => {
    assert.equal(dialectOf('.vela.yml'), 'vela');
    assert.equal(dialectOf('sub/dir/.vela.yaml'), 'vela');
    assert.equal(dialectOf('.slipway.yml'), 'slipway');
    assert.equal(dialectOf('my.vela.yml'), 'slipway');
  });

  it('warns of what is not executed and of foreign keys at the top', () => {
    const text = `version: "1"
git: { token: {} }
my_anchor: &x { A: 1 }
steps:
  - name: a
    commands: b
    environment: *x
    pull: always
    report_as: thing
    ruleset: { continue: yes, status: [failure, killed] }
`;
    const { warnings, steps } = parse(text, '.vela.yml');
    assert.deepEqual(
      warnings.map((warning) => warning.split(' ').slice(0, 2).join(' ')),
      [
        '.vela.yml:2:1: git:',
        '.vela.yml:3:1: my_anchor:',
        '.vela.yml:8:5: steps[0].pull:',
        '.vela.yml:9:5: steps[0].report_as:',
        '.vela.yml:10:49: steps[0].ruleset.status[1]:',
      ],
    );
    assert.equal(steps[0]?.ruleset.continue, true);
    assert.deepEqual(steps[0]?.environment, { A: '1' });
  });

  it('is refused for unknown keys of a step', () => {
    assert.deepEqual(placesOf(withStep('    rulset: {}\n'), '.vela.yml'), ['4:5 steps[0].rulset rulset']);
  });

  it("leaves Vela's own keys unknown in our files", () => {
    assert.match(problemsOf(withStep('    ulimits: []\n'))[0]?.expected ?? '', /^a known key/);
  });
});
