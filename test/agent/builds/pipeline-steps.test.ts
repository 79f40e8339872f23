import assert from 'node:assert/strict';
import { runPipelineSteps } from '../../../src/agent/builds/pipeline-steps.js';
import { StopCause } from '../../../src/agent/builds/build-control.js';
import type { Executor, StepExecution, StepExit } from '../../../src/agent/executor/executor.js';
import { deferred } from '../../../src/base/deferred.js';
import type { CompiledStage, CompiledStep } from '../../../src/pipeline/index.js';
import { eventually } from '../../support/eventually.js';
import { ManualClock } from '../support/manual-clock.js';
import { pathsOf, sceneOf, type SceneWish } from '../support/scene.js';
import { useScratch } from '../support/scratch.js';
import { stepOf } from '../support/step.js';

const exited = (code: number): StepExit => ({ kind: 'EXITED', code });

/** Runs steps as the test says; those of which it says nothing succeed at once. */
class ScriptedExecutor implements Executor {
  readonly driver = 'test';
  readonly runs: StepExecution[] = [];
  readonly #script: Readonly<Record<string, (execution: StepExecution) => StepExit | Promise<StepExit>>>;

  constructor(script: ScriptedExecutor['script'] = {}) {
    this.#script = script;
  }

  get script() {
    return this.#script;
  }

  get names(): string[] {
    return this.runs.map(({ step }) => step.name);
  }

  notices(): readonly string[] {
    return [];
  }

  readonly pathsOf = pathsOf;

  async prepare(): Promise<void> {}

  release(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async run(execution: StepExecution): Promise<StepExit> {
    this.runs.push(execution);
    return (await this.#script[execution.step.name]?.(execution)) ?? exited(0);
  }
}

/** Ends as soon as it is asked to. */
function untilStopped({ control }: StepExecution): Promise<StepExit> {
  return new Promise((resolve) => {
    const end = (): void => resolve({ kind: 'SIGNALED', signal: 'SIGTERM' });
    if (control.stop.aborted) end();
    control.stop.addEventListener('abort', end);
  });
}

/** Ends only when it is killed. */
function untilKilled({ control }: StepExecution): Promise<StepExit> {
  return new Promise((resolve) =>
    control.kill.addEventListener('abort', () => resolve({ kind: 'SIGNALED', signal: 'SIGKILL' })),
  );
}

describe('runPipelineSteps', () => {
  const scratch = useScratch();
  let clock: ManualClock;
  let executor: ScriptedExecutor;

  beforeEach(() => (clock = new ManualClock()));

  async function start(
    steps: readonly Partial<CompiledStep>[],
    script: ScriptedExecutor['script'] = {},
    rest: Partial<SceneWish> = {},
  ) {
    executor = new ScriptedExecutor(script);
    const compiled = steps.map((step, index) => ({ ...stepOf(['true']), name: `s${index + 1}`, ...step }));
    const numbered = compiled.map((step, index) => ({ ...step, number: index + 1 }));
    const made = await sceneOf({ path: scratch.path, clock, executor, steps: numbered, ...rest });
    return { ...made, verdict: runPipelineSteps(made.scene) };
  }

  const stage = (name: string, rest: Partial<CompiledStage> = {}): CompiledStage => ({
    name,
    needs: [],
    independent: false,
    ...rest,
  });

  describe('with stages', () => {
    it('runs stages beside each other that need nothing of each other', async () => {
      const meeting = deferred<void>();
      const meet = async (): Promise<StepExit> => {
        if (executor.runs.length === 2) meeting.resolve();
        await meeting.promise;
        return exited(0);
      };
      const stages = [stage('a'), stage('b'), stage('c', { needs: ['a', 'b'] })];
      const { verdict } = await start(
        [{ stage: 'c' }, { stage: 'a' }, { stage: 'b' }],
        { s2: meet, s3: meet },
        { stages },
      );
      assert.deepEqual(await verdict, { kind: 'SUCCEEDED' });
      // Which of two that start together is first is up to the machine.
      assert.deepEqual(executor.names.slice(0, 2).toSorted(), ['s2', 's3']);
      assert.deepEqual(executor.names.slice(2), ['s1']);
    });

    it('runs no more than sixteen at once, and all of them in the end', async () => {
      const gate = deferred<StepExit>();
      const names = Array.from({ length: 40 }, (_, index) => `s${index + 1}`);
      const script = Object.fromEntries(names.map((name) => [name, () => gate.promise]));
      const { verdict } = await start(
        names.map((name) => ({ stage: name })),
        script,
        { stages: names.map((name) => stage(name)) },
      );
      await eventually(() => executor.runs.length >= 16);
      assert.equal(executor.runs.length, 16);
      gate.resolve(exited(0));
      await verdict;
      assert.equal(new Set(executor.names).size, 40);
    });

    it('takes hundreds of steps, one after the other and in a long chain of stages', async () => {
      const steps = Array.from({ length: 500 }, (_, index) => ({ stage: `t${Math.floor(index / 2)}` }));
      const stages = Array.from({ length: 250 }, (_, index) =>
        stage(`t${index}`, { needs: index === 0 ? [] : [`t${index - 1}`] }),
      );
      const { verdict } = await start(steps, {}, { stages: stages.toReversed() });
      assert.deepEqual(await verdict, { kind: 'SUCCEEDED' });
      assert.deepEqual(
        executor.runs.map(({ step }) => step.number),
        steps.map((_, index) => index + 1),
      );
    });

    it('ends what runs beside a step that the machine cannot run', async () => {
      const broken = deferred<StepExit>();
      const { verdict, step } = await start(
        [{ stage: 'a' }, { stage: 'b' }, { stage: 'b' }],
        { s1: () => broken.promise, s2: untilStopped },
        { stages: [stage('a'), stage('b', { independent: true })] },
      );
      await eventually(() => executor.runs.length === 2);
      broken.resolve({ kind: 'NOT_STARTED', error: 'no memory' });
      assert.deepEqual(await verdict, {
        kind: 'EXECUTOR_ERROR',
        error: 'step s1 could not be started: no memory',
      });
      assert.deepEqual(executor.names.toSorted(), ['s1', 's2']);
      assert.equal((await step(2))?.status, 'KILLED');
    });

    it('leaves nothing running when the agent itself fails', async () => {
      const failing = deferred<StepExit>();
      const { verdict } = await start(
        [{ stage: 'a' }, { stage: 'b' }],
        { s1: () => failing.promise, s2: untilStopped },
        { stages: [stage('a'), stage('b')] },
      );
      await eventually(() => executor.runs.length === 2);
      failing.reject(new Error('out of descriptors'));
      await assert.rejects(verdict, /out of descriptors/);
      assert.ok(executor.runs.find(({ step }) => step.name === 's2')?.control.stop.aborted);
    });
  });

  describe('with secrets', () => {
    const secrets = [{ name: 'npm', variable: 'NPM_TOKEN' }];
    const content = {
      secrets: [
        { name: 'npm', value: 'canary-1', steps: [1] },
        { name: 'other', value: 'canary-2', steps: [1, 2, 3] },
        { name: 'npm', value: 'canary-3', steps: [3] },
      ],
      refusedSecrets: [{ name: 'npm', step: 2, reason: 'not for event\npull_request' }],
    };

    it('gives each step exactly what it names and the server meant for it', async () => {
      const { verdict, log } = await start([{ secrets }, { secrets }, {}, { secrets }], {}, { content });
      await verdict;
      assert.deepEqual(
        executor.runs.map(({ environment }) => environment.NPM_TOKEN),
        ['canary-1', undefined, undefined, undefined],
      );
      for (const { environment, step } of executor.runs) {
        const seen = JSON.stringify({ environment, step }).match(/canary-\d/g) ?? [];
        assert.deepEqual(seen, step.number === 1 ? ['canary-1'] : []);
      }
      assert.equal(await log(1), '');
      assert.equal(await log(2), '[slipway: secret npm is not given: not for event pull_request]\n');
      assert.equal(await log(3), '');
      assert.match(
        await log(4),
        /secret npm is not given: the server has sent neither its value nor a reason/,
      );
    });

    it('never lets a secret take the place of what the agent says', async () => {
      const variable = 'SLIPWAY_BUILD_ID';
      const { verdict, scene } = await start([{ secrets: [{ name: 'npm', variable }] }], {}, { content });
      await verdict;
      assert.equal(executor.runs[0]?.environment[variable], scene.head.build);
    });

    for (const [what, value, reason] of [
      ['with a NUL', 'canary\0', /its value has a NUL byte/],
      [
        'that no environment can hold',
        'canary'.repeat(30_000),
        /NPM_TOKEN has 180011 bytes, expected at most 131072/,
      ],
    ] as const) {
      it(`says that a value ${what} is not given, and runs the step without it`, async () => {
        const { verdict, log } = await start(
          [{ secrets }],
          {},
          { content: { secrets: [{ name: 'npm', value, steps: [1] }] } },
        );
        assert.deepEqual(await verdict, { kind: 'SUCCEEDED' });
        assert.equal(executor.runs[0]?.environment.NPM_TOKEN, undefined);
        assert.match(await log(1), reason);
        assert.doesNotMatch(await log(1), /canary/);
      });
    }
  });

  describe('with retries', () => {
    /** Goes as the list says, run by run. */
    const inTurn = (...exits: readonly StepExit[]) => {
      let run = 0;
      return (): StepExit => exits[run++] ?? exited(0);
    };

    it('runs a failing step again, says so, and reports its last run', async () => {
      const { verdict, log, step } = await start([{ retry: { max: 2, infrastructure: false } }], {
        s1: inTurn(exited(7), { kind: 'SIGNALED', signal: 'SIGSEGV' }),
      });
      assert.deepEqual(await verdict, { kind: 'SUCCEEDED' });
      assert.equal(
        await log(1),
        '[slipway: run 2 of 3 after exit code 7]\n[slipway: run 3 of 3 after SIGSEGV (exit code 139)]\n',
      );
      const { status, exitCode, error } = (await step(1))!;
      assert.deepEqual([status, exitCode, error], ['SUCCESS', 0, null]);
    });

    it('gives up after as many runs as the step may have', async () => {
      const { verdict, step } = await start(
        [{ retry: { max: 2, infrastructure: true, exitCodes: [7, 8] } }],
        { s1: inTurn(exited(7), exited(8), exited(7)) },
      );
      assert.deepEqual(await verdict, {
        kind: 'STEP_FAILED',
        exitCode: 7,
        error: 'step s1 failed: it ended with exit code 7',
      });
      assert.equal(executor.runs.length, 3);
      assert.equal((await step(1))?.exitCode, 7);
    });

    it('runs nothing again after an exit code that the step does not name', async () => {
      const { verdict } = await start([{ retry: { max: 5, infrastructure: true, exitCodes: [7] } }], {
        s1: inTurn(exited(7), exited(9)),
      });
      assert.equal((await verdict).kind, 'STEP_FAILED');
      assert.equal(executor.runs.length, 2);
    });

    it('tries a run that could not begin again only if the step says so, after a pause', async () => {
      const broken: StepExit = { kind: 'NOT_STARTED', error: 'no memory' };
      const once = await start([{ retry: { max: 5, infrastructure: false } }], { s1: () => broken });
      assert.equal((await once.verdict).kind, 'EXECUTOR_ERROR');
      assert.equal(executor.runs.length, 1);

      const patient = await start([{ retry: { max: 5, infrastructure: true } }], {
        s1: inTurn(broken, broken),
      });
      for (const [runs, pauseMs] of [
        [1, 1_000],
        [2, 2_000],
      ] as const) {
        await eventually(() => executor.runs.length === runs && clock.isAwaited(pauseMs));
        clock.advance(pauseMs);
      }
      assert.deepEqual(await patient.verdict, { kind: 'SUCCEEDED' });
      assert.equal(executor.runs.length, 3);
    });

    it('runs nothing again once the build is ended, not even in a pause', async () => {
      const { verdict, scene } = await start([{ retry: { max: 5, infrastructure: true } }], {
        s1: () => ({ kind: 'NOT_STARTED', error: 'no memory' }),
      });
      await eventually(() => clock.isAwaited(1_000));
      scene.control.end({ cause: StopCause.CANCELED, reason: 'by a person', graceMs: 100 });
      await verdict;
      assert.equal(executor.runs.length, 1);
    });
  });

  describe('with time-outs', () => {
    const LIMIT = { timeoutMs: 90_000 };

    it('asks a step to end that takes too long, and goes on by the rules', async () => {
      const { verdict, step, log } = await start(
        [{ ...LIMIT }, {}, { ruleset: { continue: false, status: ['failure'] } }],
        { s1: untilStopped },
      );
      await eventually(() => executor.runs.length === 1);
      clock.advance(90_000);
      assert.deepEqual(await verdict, {
        kind: 'STEP_TIMEOUT',
        exitCode: null,
        error: 'step s1 failed: it was ended: it took longer than its limit of 90 s',
      });
      assert.deepEqual(executor.names, ['s1', 's3']);
      const { status, error } = (await step(1))!;
      assert.deepEqual([status, error], ['KILLED', 'it took longer than its limit of 90 s']);
      assert.equal(await log(1), '[slipway: it took longer than its limit of 90 s]\n');
    });

    it('kills a step that takes no notice, once its grace is over', async () => {
      const { verdict } = await start([LIMIT], { s1: untilKilled }, { cancelGraceMs: 7_000 });
      await eventually(() => executor.runs.length === 1);
      const { control } = executor.runs[0]!;
      clock.advance(90_000);
      await eventually(() => control.stop.aborted && clock.isAwaited(7_000));
      clock.advance(6_999);
      assert.ok(!control.kill.aborted);
      clock.advance(1);
      assert.equal((await verdict).kind, 'STEP_TIMEOUT');
    });

    it('counts each run by itself, and tries one again that took too long if any failure is', async () => {
      const { verdict, log } = await start([{ ...LIMIT, retry: { max: 1, infrastructure: false } }], {
        s1: (run) => (executor.runs.length === 1 ? untilStopped(run) : exited(0)),
      });
      await eventually(() => executor.runs.length === 1);
      clock.advance(90_000);
      assert.deepEqual(await verdict, { kind: 'SUCCEEDED' });
      assert.equal(await log(1), '[slipway: run 2 of 2 after its time-out]\n');
      assert.equal(clock.sleeping, 0, 'no timer is left behind');
    });

    it('lets a step that may fail time out', async () => {
      const { verdict } = await start([{ ...LIMIT, ruleset: { continue: true } }, {}], { s1: untilStopped });
      await eventually(() => executor.runs.length === 1);
      clock.advance(90_000);
      assert.deepEqual(await verdict, { kind: 'SUCCEEDED' });
      assert.deepEqual(executor.names, ['s1', 's2']);
    });

    it('sets no timer that a machine would fire at once', async () => {
      const { verdict } = await start([{ timeoutMs: 2 ** 31 }], { s1: () => exited(clock.sleeping) });
      assert.deepEqual(await verdict, { kind: 'SUCCEEDED' });
    });
  });

  it('refuses a working directory that is none as a failure of the step', async () => {
    const { verdict, step } = await start([
      { workingDirectory: '../..', retry: { max: 3, infrastructure: true } },
    ]);
    assert.equal((await verdict).kind, 'STEP_FAILED');
    assert.equal(executor.runs.length, 0);
    assert.match((await step(1))?.error ?? '', /"..\/.." leads out of the checkout/);
  });

  it('says that memory ran out, also of a step that succeeded', async () => {
    const outOfMemory = 'a process was killed: the step has 64 MiB';
    const { verdict, step } = await start([{}, {}], {
      s1: () => ({ kind: 'EXITED', code: 0, outOfMemory }),
      s2: () => ({ kind: 'EXITED', code: 137, outOfMemory }),
    });
    const { kind, ...rest } = await verdict;
    assert.deepEqual(
      [kind, 'error' in rest && rest.error],
      ['STEP_FAILED', `step s2 failed: it ended with exit code 137 (${outOfMemory})`],
    );
    assert.deepEqual([(await step(1))?.status, (await step(1))?.error], ['SUCCESS', outOfMemory]);
  });

  it('keeps the first failure, also when the machine cannot run a later step', async () => {
    const status = ['success', 'failure'] as const;
    const { verdict } = await start([{}, { ruleset: { continue: false, status } }], {
      s1: () => exited(3),
      s2: () => ({ kind: 'NOT_STARTED', error: 'no memory' }),
    });
    assert.equal((await verdict).kind, 'STEP_FAILED');
  });
});
