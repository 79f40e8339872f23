import assert from 'node:assert/strict';
import { limits } from '../../../src/pipeline/limits.js';
import { parsePipeline } from '../../../src/pipeline/index.js';
import { placesOf, problemsOf } from '../problems-of.js';

const MIB = 1024 * 1024;

describe('YAML of a pipeline file', () => {
  it('says where the syntax is wrong', () => {
    const [problem] = problemsOf('steps:\n  - name: a\n    commands: [x\n');
    assert.equal(problem?.file, '.slipway.yml');
    assert.match(problem?.expected ?? '', /valid YAML/);
    assert.ok((problem?.line ?? 0) >= 3);
  });

  it('points at a quote that is never closed', () => {
    assert.deepEqual(
      placesOf('steps:\n  - name: "a\n').map((place) => place.split(' ')[0]),
      ['3:1'],
    );
  });

  it('refuses a second document, tags of its own and keys that are no text', () => {
    assert.deepEqual(placesOf('steps: []\n---\nsteps: []\n'), ['2:1  ---']);
    assert.deepEqual(placesOf('steps: !foo []\n'), ['1:8  !foo']);
    assert.ok(placesOf('? [a]\n: b\n').includes('1:3  a list'));
  });

  it('refuses a key that comes twice, at its second place', () => {
    const text = 'steps:\n  - name: a\n    commands: x\n    name: b\n';
    assert.deepEqual(placesOf(text), ['4:5 steps[0].name name']);
  });

  it('refuses an empty file', () => {
    for (const text of ['', '# nothing\n', '---\n']) {
      assert.match(problemsOf(text)[0]?.expected ?? '', /a mapping with "steps"/);
    }
  });

  it('refuses NUL and halves of surrogate pairs wherever they are escaped', () => {
    const text = 'steps:\n  - name: a\n    commands: ["\\0", "\\ud800"]\n';
    assert.deepEqual(
      problemsOf(text).map(({ line, column }) => `${line}:${column}`),
      ['3:16', '3:22'],
    );
  });

  it('takes CRLF and a byte order mark, and counts columns in UTF-16 units', () => {
    const text = '\uFEFFsteps:\r\n  - {name: 😀, command: x}\r\n';
    assert.equal(placesOf(text).at(-1), '2:16 steps[0].command command');
  });

  it('shortens values in its messages', () => {
    const [problem] = problemsOf(`version: ${'9'.repeat(1000)}\nsteps: [{name: a, commands: b}]`);
    assert.ok((problem?.value.length ?? 0) <= 80);
  });
});

describe('anchors and merge keys', () => {
  const parse = (text: string) => parsePipeline({ text, file: '.slipway.yml' });

  it('expands an alias and merges mappings: own keys win, then the first one merged', () => {
    const pipeline = parse(`
environment: &base { A: base, B: base, C: base }
steps:
  - name: a
    commands: &commands [one, two]
    environment: &more { B: more, D: more }
  - name: b
    commands: *commands
    environment: { <<: [*more, *base], C: own }
`);
    assert.deepEqual(pipeline.steps[1]?.commands, ['one', 'two']);
    assert.deepEqual(pipeline.steps[1]?.environment, { A: 'base', B: 'more', C: 'own', D: 'more' });
  });

  it('lets an anchor be given again: each alias means the last one above it', () => {
    const pipeline = parse(`
steps:
  - { name: a, commands: &c [&x one] }
  - { name: b, commands: [&x two] }
  - { name: c, commands: *c }
  - { name: d, commands: *x }
`);
    assert.deepEqual(
      pipeline.steps.map((step) => step.commands[0]),
      ['one', 'two', 'one', 'two'],
    );
  });

  it('takes "<<" in quotes for an ordinary key', () => {
    assert.equal(placesOf('"<<": {a: 1}\nsteps: [{name: a, commands: b}]')[0], '1:1 << <<');
  });

  it('refuses an unknown alias, an anchor within itself and a merge of something else', () => {
    assert.equal(placesOf('steps: *nope\n')[0], '1:8 steps *nope');
    assert.equal(placesOf('steps: &a [*a]\n')[0], '1:12 steps[0] *a');
    assert.equal(placesOf('environment: {<<: [1]}\nsteps: []\n')[0], '1:19 environment.<< list');
  });
});

describe('bombs', () => {
  const laughs = (): string => {
    const rows = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let n = 1; n < 12; n += 1) rows.push(`a${n}: &a${n} [${`*a${n - 1}, `.repeat(9)}]`);
    return rows.join('\n');
  };
  const merges = (): string => {
    const rows = ['a0: &a0 {x: 1, y: 2}'];
    for (let n = 1; n < 20; n += 1) rows.push(`a${n}: &a${n} {<<: [${`*a${n - 1}, `.repeat(9)}]}`);
    return rows.join('\n');
  };
  const indented = (): string =>
    Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n');
  const word = (n: number): string => String(n).padStart(40, 'ab');
  const wrongNeeds = (): string => {
    const needs = Array.from({ length: 99 }, (_, n) => word(n + 500).replaceAll('a', 'c'));
    const stages = Array.from(
      { length: 100 },
      (_, n) => `  ${word(n)}: { needs: *n, steps: [{ name: a, commands: x }] }`,
    );
    return `x: &n [${needs.join()}]\nstages:\n${stages.join('\n')}\n`;
  };
  const wrongSecrets = (): string => {
    const declared = Array.from({ length: 200 }, (_, n) => `{ name: ${word(n)} }`);
    const named = Array.from({ length: 200 }, (_, n) => word(n + 500).replaceAll('a', 'c'));
    const steps = Array.from({ length: 230 }, (_, n) => `- { name: s${n}, commands: x, secrets: *w }`);
    return `x: &w [${named.join()}]\nsecrets: [${declared.join()}]\nsteps:\n${steps.join('\n')}\n`;
  };
  const bombs: readonly [string, string, RegExp][] = [
    ['billion laughs', laughs(), /once its anchors are expanded/],
    ['merges of merges', merges(), /once its anchors are expanded/],
    [
      'one long text, often',
      `a: &a ${'x'.repeat(MIB / 2)}\nb: [${'*a, '.repeat(1000)}]`,
      /characters once its anchors/,
    ],
    ['open brackets', '['.repeat(MIB), /levels of nesting/],
    ['closed brackets', '['.repeat(MIB / 2) + ']'.repeat(MIB / 2), /levels of nesting/],
    ['open braces', '{a: '.repeat(MIB / 4), /levels of nesting/],
    ['dashes', '- '.repeat(MIB / 2), /levels of nesting/],
    ['question marks', '? '.repeat(MIB / 2), /levels of nesting/],
    ['indentation', indented(), /levels of nesting/],
    ['commas', `[${','.repeat(MIB - 2)}]`, /YAML tokens/],
    ['documents', '---\n'.repeat(MIB / 4), /YAML tokens/],
    ['unknown tags', '- !foo a\n'.repeat(8_000), /valid YAML/],
    ['many keys', Array.from({ length: 10_000 }, (_, n) => `k${n}: 1`).join('\n'), /a known key/],
    ['needs that are nearly right', wrongNeeds(), /a known key/],
    ['secrets that are nearly right', wrongSecrets(), /a known key/],
    ['too many bytes', `#${'é'.repeat(MIB / 2)}`, /at most 1048576 bytes/],
  ];
  for (const [name, text, expected] of bombs) {
    it(`ends soon and with a clear problem: ${name}`, function () {
      this.timeout(60_000);
      const problems = problemsOf(text);
      assert.match(problems[0]?.expected ?? '', expected);
      assert.ok(problems.length <= limits.problems);
    });
  }

  it('tells no more of a long name than fits a line', () => {
    const long = 'x'.repeat(MIB / 2);
    const problems = problemsOf(`environment: { ? ${long} : [] }\n? ${'y'.repeat(MIB / 4)} : 1\nsteps: 1\n`);
    assert.equal(problems.length, 3);
    assert.ok(JSON.stringify(problems).length < 4000);
  });

  it('takes a large honest file', () => {
    const steps = Array.from(
      { length: 400 },
      (_, n) => `  - name: step ${n}\n    commands: [make a, make b, make c]`,
    );
    const pipeline = parsePipeline({ text: `steps:\n${steps.join('\n')}\n`, file: '.slipway.yml' });
    assert.equal(pipeline.steps.length, 400);
  });
});
