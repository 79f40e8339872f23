import assert from 'node:assert/strict';
import { PipelineCompiler, type CompilerOptions } from '../../src/planner/pipeline-compiler.js';

describe('PipelineCompiler', () => {
  const facts = { event: 'push', repo: 'org/repo', paths: [], labels: [] };
  const compilers: PipelineCompiler[] = [];

  afterEach(async () => {
    await Promise.all(compilers.splice(0).map((compiler) => compiler.stop()));
  });

  function compiler(options: CompilerOptions = {}): PipelineCompiler {
    const made = new PipelineCompiler(options);
    compilers.push(made);
    return made;
  }

  function request(text: string): Parameters<PipelineCompiler['compile']>[0] {
    return { source: { file: '.slipway.yml', text }, facts };
  }

  /** A thread that does what `body` says with each message. */
  function program(body: string): URL {
    const source = `import { parentPort } from 'node:worker_threads'; parentPort.on('message', (request) => { ${body} });`;
    return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  }

  const never = new AbortController().signal;
  const good = 'steps: [{ name: a, commands: echo hi }]';

  it('compiles many at once on few threads', async () => {
    const one = compiler({ threads: 2 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => one.compile(request(good), never)));
    assert.deepEqual([...new Set(answers.map(({ kind }) => kind))], ['COMPILED']);
  });

  it('carries problems with their places over the border of threads', async () => {
    const answer = await compiler().compile(request('steps:\n  - nam: a\n'), never);
    assert.equal(answer.kind, 'INVALID');
    const [problem] = answer.kind === 'INVALID' ? answer.problems : [];
    assert.deepEqual([problem?.file, problem?.line, problem?.column], ['.slipway.yml', 2, 5]);
  });

  it('kills what takes too long without holding up this thread, and goes on', async () => {
    const body = `if (request.source.text === 'bomb') for (;;); parentPort.postMessage({ kind: 'SKIPPED', reason: 'x' })`;
    const one = compiler({ timeoutMs: 300, program: program(body) });
    let turns = 0;
    const ticking = setInterval(() => turns++, 5);
    const [bomb, next] = await Promise.all([
      one.compile(request('bomb'), never),
      one.compile(request('ok'), never),
    ]);
    clearInterval(ticking);
    assert.deepEqual(bomb, { kind: 'TOO_LARGE', message: 'the pipeline did not compile within 0.3 s' });
    assert.deepEqual(next, { kind: 'SKIPPED', reason: 'x' });
    assert.ok(turns > 5, `the main thread had ${turns} turns`);
  });

  it('survives a thread that eats all of its memory', async () => {
    const body = `const all = []; for (;;) all.push(new Array(100000).fill({}));`;
    const answer = await compiler({ program: program(body) }).compile(request(good), never);
    assert.match(answer.kind === 'TOO_LARGE' ? answer.message : '', /MiB of memory/);
  });

  it('rejects with the defect of a thread, and starts another one', async () => {
    const body = `if (request.source.text === 'bad') throw new TypeError('oops'); parentPort.postMessage({ kind: 'SKIPPED', reason: 'x' })`;
    const one = compiler({ program: program(body) });
    await assert.rejects(one.compile(request('bad'), never), /oops/);
    assert.equal((await one.compile(request('ok'), never)).kind, 'SKIPPED');
  });

  it('ends a compilation when it is told to', async () => {
    const abort = new AbortController();
    const running = compiler({ program: program('for (;;);') }).compile(request(good), abort.signal);
    abort.abort(new Error('enough'));
    await assert.rejects(running, /enough/);
  });
});
