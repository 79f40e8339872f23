import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { CompiledRecord } from '../../../src/cli/pipeline/compiled-record.js';
import { slipway as run, startSlipway, type Outcome } from '../slipway.js';
import { proposal, proposalSteps } from '../../pipeline/proposal.js';

const staged = `worker: { target: x86_64-linux, labels: { gpu: "true" } }
environment: { LEVEL: info }
secrets: [{ name: npm, type: org }]
stages:
  build:
    steps:
      - { name: make, image: node, commands: [make], secrets: [npm], parameters: { tags: [a, b] } }
  test:
    needs: build
    steps:
      - { name: unit, commands: x, ruleset: { branch: dev } }
      - { name: tell, commands: y, ruleset: { status: failure } }
  ship: { needs: [test], steps: [{ name: push, commands: z, ruleset: { event: tag, unless: { sender: bot } } }] }
`;

describe('slipway pipeline', () => {
  let cwd: string;
  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'slipway-pipeline-'));
    await Promise.all([
      writeFile(join(cwd, 'staged.yml'), staged),
      writeFile(join(cwd, 'proposal.yml'), proposal),
      writeFile(join(cwd, 'bad.yml'), 'timeout: x\nsteps:\n  - name: a\n    comands: [b]\n'),
    ]);
  });
  after(() => rm(cwd, { recursive: true }));

  const slipway = (...args: string[]): Promise<Outcome> => run(['pipeline', ...args], { cwd });
  const compile = async (...args: string[]): Promise<CompiledRecord> => {
    const { code, stdout, stderr } = await slipway('compile', ...args, '--output', 'json');
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    return JSON.parse(stdout) as CompiledRecord;
  };

  it('compile gives programs exactly what they rely on', async () => {
    const record = await compile('staged.yml', '--event', 'push', '--branch', 'main', '--repo', 'octo/cat');
    assert.deepEqual(Object.keys(record), [
      'version',
      'target',
      'labels',
      'services',
      'steps',
      'stages',
      'secrets',
      'skipped',
      'reason',
      'skippedSteps',
      'warnings',
      'unresolvedTemplates',
      'timeoutMs',
      'concurrency',
    ]);
    assert.deepEqual(
      [record.version, record.target, record.labels, record.secrets, record.skipped, record.reason],
      ['1', 'x86_64-linux', { gpu: 'true' }, ['npm'], false, null],
    );
    assert.deepEqual(record.stages, [
      { name: 'build', needs: [], independent: false },
      { name: 'test', needs: ['build'], independent: false },
    ]);
    const [make, tell] = record.steps;
    assert.deepEqual(make, {
      name: 'make',
      stage: 'build',
      image: 'node',
      commands: ['make'],
      environment: { LEVEL: 'info', PARAMETER_TAGS: 'a,b' },
      secrets: [{ source: 'npm', target: 'NPM' }],
      ruleset: { continue: false },
      entrypoint: [],
      workingDirectory: null,
      timeoutMs: null,
      retry: null,
      artifacts: [],
    });
    assert.deepEqual(tell?.ruleset, { status: ['failure'], continue: false });
  });

  for (const event of ['schedule', 'deployment']) {
    for (const [target, names] of Object.entries(proposalSteps)) {
      it(`compile leaves ${names.join(', ')} of the proposal for ${event} ${target}`, async () => {
        const { steps } = await compile('proposal.yml', '--event', event, '--target', target);
        assert.deepEqual(
          steps.map(({ name }) => name),
          names,
        );
      });
    }
  }

  it('compile says that nothing runs, and why', async () => {
    const record = await compile('proposal.yml', '--event', 'push');
    assert.deepEqual([record.skipped, record.reason], [true, 'no step is left after the rules']);
    assert.deepEqual(record.skippedSteps.at(-1), {
      step: 'notification',
      reason: 'event "push" does not match "deployment", "schedule"',
    });
  });

  it('compile hands every option to the rules', async () => {
    const rules: Readonly<Record<string, string>> = {
      branch: 'main',
      target: 'prod',
      tag: 'v1',
      path: 'docs/a.md',
      comment: 'run it',
      label: 'urgent',
      repo: 'octo/cat',
      sender: 'mona',
      instance: 'https://ci.example.org',
    };
    const steps = Object.entries(rules).map(([key, value]) => ({
      name: key,
      commands: 'x',
      ruleset: { [key]: value, event: 'comment:edited' },
    }));
    await writeFile(join(cwd, 'rules.yml'), JSON.stringify({ steps }));
    const given = Object.entries(rules).flatMap(([key, value]) => [`--${key}`, value]);
    const more = ['--event', 'comment', '--action', 'edited', '--path', 'b', '--label', 'c'];
    const record = await compile('rules.yml', ...given, ...more);
    assert.deepEqual(
      record.steps.map(({ name }) => name),
      Object.keys(rules),
    );
  });

  it('compile shows what runs at a status', async () => {
    const namesAt = async (status: string): Promise<string[]> =>
      (await compile('staged.yml', '--branch', 'dev', '--status', status)).steps.map(({ name }) => name);
    assert.deepEqual(await namesAt('success'), ['make', 'unit']);
    assert.deepEqual(await namesAt('failure'), ['tell']);
  });

  it('compile explains every rule, to programs and to people', async () => {
    const { explain } = await compile('staged.yml', '--branch', 'main', '--explain');
    assert.deepEqual(
      explain?.map(({ stage, step, runs }) => [stage, step, runs]),
      [
        ['build', 'make', true],
        ['test', 'unit', false],
        ['test', 'tell', true],
        ['ship', 'push', false],
      ],
    );
    assert.deepEqual(explain?.at(-1)?.rules, [
      { clause: 'if', key: 'event', patterns: ['tag'], values: ['push'], matched: false, by: null },
      { clause: 'unless', key: 'sender', patterns: ['bot'], values: [], matched: false, by: null },
    ]);
    const { stdout } = await slipway('compile', 'staged.yml', '--branch', 'main', '--explain');
    assert.match(
      stdout,
      /^target: x86_64-linux\nlabel: gpu=true\nstage: build\nstage: test after build\nSTEP/,
    );
    assert.match(
      stdout,
      /✗ test\/unit is out: branch "main" does not match "dev"\n {4}if branch "main": does not/,
    );
    assert.match(
      stdout,
      /✓ test\/tell is in: .*\n {4}if status \(none\): known when it runs \("failure"\)\n/,
    );
  });

  it('compile prints names and YAML too, and to people what is out', async () => {
    assert.equal((await slipway('compile', 'staged.yml', '-o', 'name')).stdout, 'make\ntell\n');
    const { stdout } = await slipway('compile', 'staged.yml', '-o', 'yaml');
    assert.equal((parse(stdout) as CompiledRecord).steps.length, 2);
    assert.match(
      (await slipway('compile', 'staged.yml')).stdout,
      /✗ unit is out: branch \(none\) does not match/,
    );
  });

  for (const command of ['compile', 'validate']) {
    it(`${command} tells programs of every problem, a line each, and prints nothing else`, async () => {
      const { code, stdout, stderr } = await slipway(command, 'bad.yml', '--output', 'json');
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
      const problems = stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.deepEqual(
        problems.map((problem) => [
          Object.keys(problem).join(),
          problem['line'],
          problem['column'],
          problem['key'],
        ]),
        [
          ['file,line,column,key,value,expected', 1, 10, 'timeout'],
          ['file,line,column,key,value,expected', 3, 5, 'steps[0].commands'],
          ['file,line,column,key,value,expected', 4, 5, 'steps[0].comands'],
        ],
      );
      assert.equal((await slipway(command, 'bad.yml', '--output', 'jsonl')).stderr, stderr);
    });

    it(`${command} tells people of every problem`, async () => {
      const { code, stdout, stderr } = await slipway(command, 'bad.yml');
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
      assert.match(
        stderr,
        /^slipway: bad\.yml:1:10: timeout: got "x", expected .*\n.*\nslipway: bad\.yml:4:5: .*\n$/,
      );
    });

    it(`${command} exits with 3 where there is no file, and with 2 where there is none to read`, async () => {
      assert.match((await slipway(command)).stderr, /no pipeline file was found here, .*\n {2}next: /);
      assert.deepEqual([(await slipway(command)).code, (await slipway(command, 'nope.yml')).code], [3, 3]);
      assert.equal((await slipway(command, '.')).code, 2);
    });
  }

  it('reads standard input, and ends for what is no text or never ends', async () => {
    const feed = async (bytes: Buffer): Promise<Outcome> => {
      const process = await startSlipway(['pipeline', 'validate', '-', '-o', 'json'], { cwd });
      process.write(bytes);
      process.endInput();
      const exit = await process.exit;
      return { ...exit, stdout: process.stdout, stderr: process.stderr };
    };
    const good = await feed(Buffer.from(proposal));
    assert.deepEqual(JSON.parse(good.stdout), { file: '-', valid: true, steps: 4, stages: 0, warnings: [] });
    const binary = await feed(Buffer.from([0xff, 0xfe, 0x00]));
    assert.match(binary.stderr, /"value":"bytes that are no UTF-8","expected":"text in UTF-8"/);
    const { code, stderr } = await slipway('validate', '/dev/zero', '-o', 'json');
    assert.equal(code, 2);
    assert.match(stderr, /"expected":"at most 1048576 bytes"/);
  });

  it('validate finds the file of the directory, and reads Vela’s by its name or when told', async () => {
    const vela = 'steps: [{ name: a, image: b }]\n';
    await Promise.all([writeFile(join(cwd, '.vela.yml'), vela), writeFile(join(cwd, 'other.yml'), vela)]);
    const found = await slipway('validate');
    assert.match(found.stdout, /^FILE {7}VALID .*\n\.vela\.yml {2}✓ yes/);
    assert.match(found.stderr, /^warning: \.vela\.yml:1:9: steps\[0\]\.commands: .*cannot be executed yet/);
    assert.equal((await slipway('validate', 'other.yml')).code, 2);
    assert.equal((await slipway('validate', 'other.yml', '--dialect', 'vela')).code, 0);
    await rm(join(cwd, '.vela.yml'));
  });

  it('refuses options that no change can have', async () => {
    for (const args of [
      ['--event', 'psh'],
      ['--status', 'killed'],
      ['--repo', 'site'],
      ['--dialect', 'x'],
    ]) {
      const { code, stdout } = await slipway('compile', 'staged.yml', ...args);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' }, args.join(' '));
    }
  });

  it('refuses secrets of other repos once it is told the repo', async () => {
    await writeFile(
      join(cwd, 'secret.yml'),
      'secrets: [{name: a, key: x/y/a}]\nsteps: [{name: a, commands: b, secrets: a}]\n',
    );
    assert.equal((await slipway('compile', 'secret.yml')).code, 0);
    const { code, stderr } = await slipway('compile', 'secret.yml', '--repo', 'octo/cat', '-o', 'json');
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^\{"file":"secret\.yml","line":1,"column":26,"key":"secrets\[0\]\.key","value":"x\/y\/a"/,
    );
  });
});
