import assert from 'node:assert/strict';
import { compilePipeline, parsePipeline, type CompileOutcome } from '../../src/pipeline/index.js';
import { placesOf } from './problems-of.js';
import { push } from './rules/rulesets.js';

type Compiled = Extract<CompileOutcome, { kind: 'COMPILED' }>;

function compile(text: string, facts = push): Compiled {
  const outcome = compilePipeline(parsePipeline({ text, file: '.vela.yml' }), facts);
  assert.ok(outcome.kind === 'COMPILED');
  return outcome;
}

const placesIn = ({ obstacles }: Compiled): string[] =>
  obstacles.map(({ line, column, key, value }) => `${line}:${column} ${key} ${value}`);

/** Of the kind that teams keep: a service, plugins, templates, a clone of their own. */
const whole = `version: "1"
metadata: { clone: false, environment: [steps, services], template: false }
worker: { flavor: large, platform: docker }
templates:
  - { name: go, source: git.example.org/org/templates/go.yml, type: github }
services:
  - { name: db, image: "postgres:16", ports: ["5432:5432"], environment: { POSTGRES_DB: x }, pull: not_present }
  - { name: old, image: x, ruleset: { branch: legacy } }
secrets:
  - { name: token, key: octo/cat/token, engine: native, type: repo }
  - { name: vaulted, key: octo/v, engine: vault, type: org }
  - origin: { name: vault, image: secret-vault, parameters: { addr: x } }
steps:
  - { name: clone, image: "git:v1", parameters: { depth: 5 } }
  - name: test
    image: golang
    pull: always
    commands: [go test ./...]
    secrets: [{ source: token, target: git_token }]
  - { name: shared, template: { name: go, vars: { image: golang } }, ruleset: { event: push } }
  - { name: server, image: x, detach: true, commands: [serve], ruleset: { event: tag } }
  - { name: publish, image: kaniko, parameters: { repo: r, tags: [a, b] }, ruleset: { event: tag } }
`;

describe("one of Vela's files", () => {
  it('is compiled as far as can be seen, and names what stands in the way of a build', () => {
    const compiled = compile(whole);
    assert.equal(compiled.pipeline.clone, true, 'its own clone is ours');
    assert.deepEqual(
      compiled.pipeline.steps.map(({ name }) => name),
      ['test'],
    );
    assert.deepEqual(
      compiled.services.map(({ name, ports }) => [name, ...ports]),
      [['db', '5432:5432']],
    );
    assert.deepEqual(compiled.unresolvedTemplates, ['go']);
    assert.deepEqual(placesIn(compiled), [
      '7:5 services[0] db',
      '12:5 secrets[2].origin origin',
      '20:21 steps[2].template template',
    ]);
  });

  it('has in its way only what the rules leave', () => {
    const compiled = compile(whole, { ...push, event: 'tag', tag: 'v1', branch: 'main' });
    assert.deepEqual(placesIn(compiled), [
      '7:5 services[0] db',
      '12:5 secrets[2].origin origin',
      '21:31 steps[3].detach detach',
      '22:5 steps[4].commands image',
    ]);
    assert.deepEqual(compiled.pipeline.steps.at(-1)?.commands, []);
    assert.equal(compiled.pipeline.steps.at(-1)?.environment['PARAMETER_TAGS'], 'a,b');
  });

  it('has a strange engine in its way once a step names the secret', () => {
    const head = 'secrets: [{name: a, engine: vault}]\n';
    assert.deepEqual(placesIn(compile(`${head}steps: [{name: b, commands: c}]`)), []);
    assert.deepEqual(placesIn(compile(`${head}steps: [{name: b, commands: c, secrets: a}]`)), [
      '1:29 secrets[0].engine vault',
    ]);
  });

  it('means by a shared secret of a team the one of that name, and says so', () => {
    const head = 'secrets: [{name: a, key: org/team/pass, type: shared}]\n';
    const { pipeline, warnings } = compile(`${head}steps: [{name: b, commands: c, secrets: a}]`);
    assert.deepEqual(pipeline.secrets, [{ name: 'a', type: 'shared', key: 'pass' }]);
    assert.match(warnings.join(), /1:26: secrets\[0\]\.key: .* this means the one called "pass"$/);
  });

  it('may need the clone, or have a stage of that name', () => {
    const steps = 'steps: [{name: a, commands: x}]';
    const compiled = compile(
      `stages: {clone: {${steps}}, a: {needs: [clone], ${steps}}, b: {needs: a, ${steps}}}`,
    );
    assert.deepEqual(compiled.pipeline.stages, [
      { name: 'a', needs: [], independent: false },
      { name: 'b', needs: ['a'], independent: false },
    ]);
  });

  it('may leave all its steps to templates', () => {
    const compiled = compile('metadata: {render_inline: true}\ntemplates: [{name: t, source: x}]\n');
    assert.deepEqual([compiled.unresolvedTemplates, compiled.pipeline.steps], [['t'], []]);
    assert.deepEqual(placesIn(compiled), ['2:1 templates templates']);
  });

  it('is refused for a template that it does not declare, and for what is wrong in the unread parts', () => {
    assert.deepEqual(
      placesOf(
        `templates: [{name: a}]
services: [{name: b}, {image: c, prts: []}]
steps: [{name: d, template: {name: ab}}]
`,
        '.vela.yml',
      ),
      [
        '1:13 templates[0].source nothing',
        '2:12 services[0].image nothing',
        '2:23 services[1].name nothing',
        '2:34 services[1].prts prts',
        '3:36 steps[0].template.name ab',
      ],
    );
  });

  it('says where Vela would have replaced variables, and lets parameters win', () => {
    const text = `steps:
  - name: a
    commands: [x]
    environment: { PARAMETER_TAG: own, PLAIN: $HOME }
    parameters: { tag: 'b\${BUILD_COMMIT:0:8}' }
`;
    const { pipeline, warnings } = compile(text);
    assert.equal(pipeline.steps[0]?.environment['PARAMETER_TAG'], 'b${BUILD_COMMIT:0:8}');
    assert.deepEqual(
      warnings.map((warning) => warning.slice(0, warning.indexOf(': '))),
      ['.vela.yml:5:24'],
    );
  });

  it('warns of all of it, in the order of the file', () => {
    const { warnings } = parsePipeline({ text: whole, file: '.vela.yml' });
    assert.deepEqual(
      warnings.map((warning) => warning.split(': ', 2).join(' ').replace('.vela.yml:', '')),
      [
        '2:59 metadata.template',
        '7:5 services[0]',
        '7:94 services[0].pull',
        '8:5 services[1]',
        '11:43 secrets[1].engine',
        '12:5 secrets[2].origin',
        '14:13 steps[0].name',
        '17:5 steps[1].pull',
        '20:21 steps[2].template',
        '21:31 steps[3].detach',
        '22:5 steps[4].commands',
      ],
    );
  });
});
