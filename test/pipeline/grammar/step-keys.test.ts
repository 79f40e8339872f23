import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePipeline, type PipelineStep } from '../../../src/pipeline/index.js';
import { limits } from '../../../src/pipeline/limits.js';
import { placesOf, problemsOf } from '../problems-of.js';

/** The step with one more key, which stands in line 3 from column 3 on. */
const withKey = (key: string): string => `steps:\n- { name: a, commands: x,\n  ${key} }\n`;

function stepOf(key: string, file = '.slipway.yml'): PipelineStep {
  const [step] = parsePipeline({ file, text: withKey(key) }).steps;
  assert.ok(step);
  return step;
}

describe('the time-out of a step', () => {
  const good: readonly [string, number][] = [
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['"1s"', 1000],
    ['7d', 604_800_000],
  ];
  for (const [text, ms] of good) {
    it(`${text} is ${ms} ms`, () => assert.equal(stepOf(`timeout: ${text}`).timeoutMs, ms));
  }

  for (const text of ['30', '0s', '1.5h', '30m1h', '8d', '-5s', 'soon', '10ms', '9999999d', '" 5m"']) {
    it(`${text} is refused, with an example`, () => {
      const [problem, ...others] = problemsOf(withKey(`timeout: ${text}`));
      assert.match(problem?.expected ?? '', /^a duration of 1s to 7d, such as 90s, 30m or 1h30m$/);
      assert.deepEqual([problem?.line, problem?.column, others.length], [3, 12, 0]);
    });
  }

  it('is read as it is written, whatever its parts', () => {
    const part = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(part, part, part, (hours, minutes, seconds) => {
        fc.pre(hours + minutes + seconds > 0);
        const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000;
        assert.equal(stepOf(`timeout: ${hours}h${minutes}m${seconds}s`).timeoutMs, ms);
      }),
    );
  });
});

describe('the retries of a step', () => {
  const good: readonly [string, object][] = [
    ['{max: 2}', { max: 2, infrastructure: true }],
    ['{max: 1, when: infrastructure}', { max: 1, infrastructure: true, exitCodes: [] }],
    ['{max: 3, when: [{exit_code: [1, 75]}]}', { max: 3, infrastructure: false, exitCodes: [1, 75] }],
    [
      '{max: 3, when: [infrastructure, exit_code: 1, exit_code: 2]}',
      { max: 3, infrastructure: true, exitCodes: [1, 2] },
    ],
  ];
  for (const [text, retry] of good) {
    it(`${text} is read`, () => assert.deepEqual(stepOf(`retry: ${text}`).retry, retry));
  }

  const bad: readonly [string, string][] = [
    ['{}', '3:10 steps[0].retry.max nothing'],
    ['2', '3:10 steps[0].retry 2'],
    ['{max: 0}', '3:16 steps[0].retry.max 0'],
    ['{max: 11}', '3:16 steps[0].retry.max 11'],
    ['{max: 1e1}', '3:16 steps[0].retry.max 1e1'],
    ['{max: 1, when: []}', '3:25 steps[0].retry.when a list'],
    ['{max: 1, when: [infra]}', '3:26 steps[0].retry.when[0] infra'],
    ['{max: 1, when: [exit_code: 0]}', '3:37 steps[0].retry.when[0].exit_code 0'],
    ['{max: 1, when: [exit_code: [256]]}', '3:38 steps[0].retry.when[0].exit_code[0] 256'],
    ['{max: 1, when: [exit_codes: 1]}', '3:26 steps[0].retry.when[0].exit_codes exit_codes'],
  ];
  for (const [text, place] of bad) {
    it(`${text} is refused`, () => assert.equal(placesOf(withKey(`retry: ${text}`))[0], place));
  }
});

describe('the parameters of a step', () => {
  it('become variables: plain values as written, lists by commas, the rest as JSON', () => {
    const { environment } = stepOf(`parameters: {
      registry: index.example.org, dry-run: true, count: 1.10, none: , tags: [latest, 1.0, true], empty: [],
      build.args: { b: [1, "2", ~], a: { deep: 12345678901234567890 } }, mixed: [a, {b: 0x1F}] }`);
    assert.deepEqual(environment, {
      PARAMETER_REGISTRY: 'index.example.org',
      PARAMETER_DRY_RUN: 'true',
      PARAMETER_COUNT: '1.10',
      PARAMETER_NONE: '',
      PARAMETER_TAGS: 'latest,1.0,true',
      PARAMETER_EMPTY: '',
      PARAMETER_BUILD_ARGS: '{"a":{"deep":12345678901234567890},"b":[1,"2",null]}',
      PARAMETER_MIXED: '["a",{"b":"0x1F"}]',
    });
  });

  const bad: readonly [string, string, string][] = [
    ['are no mapping', '[a]', '3:15 steps[0].parameters a list'],
    ['have a name that no variable can have', '{a b: c}', '3:16 steps[0].parameters.a b a b'],
    ['have two names for one variable', '{a-b: 1, a_b: 2}', '3:24 steps[0].parameters.a_b a_b'],
    [
      'are set by the environment too',
      '{a: 1}, environment: {PARAMETER_A: 2}',
      '3:15 steps[0].parameters a mapping',
    ],
  ];
  for (const [claim, text, place] of bad) {
    it(`are refused when they ${claim}`, () => {
      assert.deepEqual(placesOf(withKey(`parameters: ${text}`)), [place]);
    });
  }

  it('carry any JSON unharmed', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('\\u0000') && text.isWellFormed() && !/\\ud[89a-f]/.test(text));
        const step = stepOf(`parameters: { p: ${text} }`);
        assert.deepEqual(JSON.parse(step.environment['PARAMETER_P'] ?? ''), JSON.parse(text));
      }),
    );
  });

  it('and variables are refused when no process could be given them', () => {
    const long = 'x'.repeat(limits.variableBytes);
    for (const key of [
      `parameters: {p: ${long}}`,
      `environment: {P: ${long}}`,
      `environment: ["P=${long}"]`,
    ]) {
      assert.match(problemsOf(withKey(key))[0]?.expected ?? '', /^at most 131071 bytes/);
    }
    const fits = 'x'.repeat(limits.variableBytes - 'PARAMETER_P='.length);
    assert.equal(stepOf(`parameters: {p: ${fits}}`).environment['PARAMETER_P'], fits);
  });
});

describe('the paths of a step', () => {
  it('are relative to the checkout', () => {
    assert.equal(stepOf('working_directory: ./sub//dir/').workingDirectory, 'sub/dir');
    assert.equal(stepOf('working_directory: "."').workingDirectory, null);
    assert.deepEqual(stepOf('artifacts: {paths: dist/**}').artifacts, ['dist/**']);
    assert.deepEqual(
      stepOf('artifacts: {paths: ["*.txt", "{a,b}/c", "..a/b..", "a...b"]}').artifacts.length,
      4,
    );
  });

  const ways = ['/etc', '..', '../x', 'a/../b', 'a/..', '""', '"{..,a}/b"', '"{a,..}"', 'x'.repeat(1001)];
  for (const way of ways) {
    it(`may not be ${way.slice(0, 20)}`, () => {
      assert.equal(placesOf(withKey(`working_directory: ${way}`)).length, 1);
      assert.equal(placesOf(withKey(`artifacts: {paths: [ok, ${way}]}`)).length, 1);
    });
  }

  it('of artifacts are globs, some but not too many', () => {
    assert.deepEqual(placesOf(withKey('artifacts: {}')), ['3:14 steps[0].artifacts.paths nothing']);
    assert.deepEqual(placesOf(withKey('artifacts: {paths: []}')), ['3:22 steps[0].artifacts.paths a list']);
    assert.deepEqual(placesOf(withKey('artifacts: {paths: "[a"}')), ['3:22 steps[0].artifacts.paths [a']);
    const many = Array.from({ length: limits.artifacts + 1 }, (_, n) => `f${n}`);
    assert.match(
      problemsOf(withKey(`artifacts: {paths: [${many.join()}]}`))[0]?.expected ?? '',
      /^at most 100/,
    );
  });
});

describe('the entrypoint of a step', () => {
  it('is a program with its words, and needs no commands', () => {
    assert.deepEqual(stepOf('entrypoint: [bash, -e]').entrypoint, ['bash', '-e']);
    assert.deepEqual(stepOf('entrypoint: python3').entrypoint, ['python3']);
    const [step] = parsePipeline({
      file: '.slipway.yml',
      text: 'steps: [{name: a, entrypoint: [make]}]',
    }).steps;
    assert.deepEqual([step?.entrypoint, step?.commands], [['make'], []]);
  });

  it('is refused as one text with blanks, when it is empty, and when it is too long', () => {
    assert.deepEqual(placesOf(withKey('entrypoint: bash -e')), ['3:15 steps[0].entrypoint bash -e']);
    assert.deepEqual(placesOf(withKey('entrypoint: []')), ['3:15 steps[0].entrypoint a list']);
    assert.equal(placesOf(withKey(`entrypoint: [${'x,'.repeat(101)}]`)).length, 1);
  });
});

describe('what only containers can do', () => {
  for (const key of ['pull: always', 'privileged: true', 'user: root', 'volumes: [/a]']) {
    it(`is said to come later: ${key}`, () => {
      const [problem] = problemsOf(withKey(key));
      assert.match(
        problem?.expected ?? '',
        /not supported yet \(it needs the container driver, which comes later\)$/,
      );
      const { warnings } = parsePipeline({ file: '.vela.yml', text: withKey(key) });
      assert.match(warnings.join(), /is read but not executed by Slipway/);
    });
  }
});
