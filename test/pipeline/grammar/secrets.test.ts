import assert from 'node:assert/strict';
import {
  compilePipeline,
  parsePipeline,
  PipelineError,
  type CompiledPipeline,
} from '../../../src/pipeline/index.js';
import { placesOf, problemsOf } from '../problems-of.js';
import { push } from '../rules/rulesets.js';

const step = (secrets: string): string => `\nsteps: [{name: a, commands: x, secrets: ${secrets}}]\n`;

function compile(text: string, repo = 'octo/cat', file = '.slipway.yml'): CompiledPipeline {
  const outcome = compilePipeline(parsePipeline({ text, file }), { ...push, repo });
  assert.ok(outcome.kind === 'COMPILED');
  return outcome.pipeline;
}

describe('secrets', () => {
  it('belong to the repo unless the file says otherwise, and are compiled when a step names them', () => {
    const text = `secrets:
- name: password
- { name: other, key: octo/cat/real, engine: native, type: repo }
- { name: token, key: octo/npm, type: org }
- { name: brief, type: org }
- { name: license, type: shared }
- { name: unused, type: shared }
${step('[password, other, token, brief, license, undeclared]')}`;
    assert.deepEqual(compile(text).secrets, [
      { name: 'brief', type: 'org', key: 'octo/brief' },
      { name: 'license', type: 'shared', key: 'license' },
      { name: 'other', type: 'repo', key: 'octo/cat/real' },
      { name: 'password', type: 'repo', key: 'octo/cat/password' },
      { name: 'token', type: 'org', key: 'octo/npm' },
      { name: 'undeclared', type: 'repo', key: 'octo/cat/undeclared' },
    ]);
  });

  it('keep the keys of the file where no repo is known', () => {
    const text = `secrets: [{name: a, key: x/y/z}, {name: b, key: x/z, type: org}]${step('[a, b, c]')}`;
    const keys = compile(text, '').secrets?.map(({ key }) => key);
    assert.deepEqual(keys, ['x/y/z', 'x/z', 'c']);
  });

  for (const [type, key] of [
    ['repo', 'octo/dog/a'],
    ['org', 'others/a'],
  ]) {
    it(`of another ${type} are refused where the key stands`, () => {
      const text = `secrets:\n- { name: a, type: ${type}, key: ${key} }\n${step('a')}`;
      assert.throws(
        () => compile(text),
        (error) => {
          assert.ok(error instanceof PipelineError);
          const [problem] = error.problems;
          assert.deepEqual([problem?.line, problem?.key, problem?.value], [2, 'secrets[0].key', key]);
          assert.match(problem?.expected ?? '', /^a key of (this repo|its organisation), such as octo\//);
          return true;
        },
      );
    });
  }

  it('come as variables of their names in capitals, or as the step says', () => {
    const variablesOf = (secrets: string, file?: string): string[] | undefined =>
      compile(step(secrets), 'octo/cat', file).steps[0]?.secrets?.map(
        ({ name, variable }) => `${name} ${variable}`,
      );
    assert.deepEqual(variablesOf('npm-token.x'), ['npm-token.x NPM_TOKEN_X']);
    assert.deepEqual(variablesOf('[a, {source: a, target: lower}]'), ['a A', 'a lower']);
    assert.deepEqual(variablesOf('[{source: a, target: lower}]', '.vela.yml'), ['a LOWER']);
    assert.equal(variablesOf('[]'), undefined);
  });

  it('that look like a declared one are asked about', () => {
    const text = `secrets: [{name: password}]${step('[pasword, quite_another]')}`;
    const { warnings } = parsePipeline({ file: '.slipway.yml', text });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /"pasword" is not declared .*did you mean "password"\?$/);
  });

  const bad: readonly [string, string, string][] = [
    ['no list', `secrets: {a: b}${step('a')}`, '1:10 secrets a mapping'],
    ['without a name', `secrets: [{type: org}]${step('a')}`, '1:11 secrets[0].name nothing'],
    ['twice', `secrets: [{name: a}, {name: a}]${step('a')}`, '1:29 secrets[1].name a'],
    ['of a strange type', `secrets: [{name: a, type: team}]${step('a')}`, '1:27 secrets[0].type team'],
    ['of another engine', `secrets: [{name: a, engine: vault}]${step('a')}`, '1:29 secrets[0].engine vault'],
    ['of a plugin', `secrets: [origin: {name: a}]${step('a')}`, '1:11 secrets[0].origin origin'],
    ['with a key of two parts', `secrets: [{name: a, key: b/c}]${step('a')}`, '1:26 secrets[0].key b/c'],
    ['with a key that climbs', `secrets: [{name: a, key: ../c/d}]${step('a')}`, '1:26 secrets[0].key ../c/d'],
    ['with blanks', step('["a b"]'), '2:42 steps[0].secrets[0] a b'],
    ['that begin with a digit', step('[1a]'), '2:42 steps[0].secrets[0] 1a'],
    ['with a bad variable', step('[{source: a, target: a-b}]'), '2:62 steps[0].secrets[0].target a-b'],
    ['without a source', step('[{target: A}]'), '2:42 steps[0].secrets[0].source nothing'],
    ['with one variable for two', step('[a, {source: b, target: A}]'), '2:45 steps[0].secrets[1] a mapping'],
    ['as a mapping', step('{a: b}'), '2:41 steps[0].secrets a mapping'],
  ];
  for (const [claim, text, place] of bad) {
    it(`are refused: ${claim}`, () => assert.deepEqual(placesOf(text), [place]));
  }

  it('are not too many', () => {
    const many = Array.from({ length: 201 }, (_, n) => `{name: s${n}}`).join();
    assert.equal(problemsOf(`secrets: [${many}]${step('a')}`)[0]?.expected, 'a list of at most 200 secrets');
    assert.equal(placesOf(step(`[${'a,'.repeat(201)}]`)).length, 1);
  });
});
