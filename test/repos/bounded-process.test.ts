import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { runBounded } from '../../src/repos/bounded-process.js';
import { eventually } from '../support/eventually.js';

const base = { file: 'sh', env: { PATH: process.env.PATH ?? '' }, timeoutMs: 30_000, maxBytes: 1000 };

describe('runBounded', () => {
  it('gives code, output and complaint of a program that ends by itself', async () => {
    const outcome = await runBounded({ ...base, args: ['-c', 'echo out; echo err >&2; exit 3'] });
    assert.deepEqual(
      { ...outcome, stdout: outcome.stdout.toString() },
      { code: 3, stdout: 'out\n', stderr: 'err\n', stoppedFor: null },
    );
  });

  it('hands nothing of our environment on', async () => {
    const outcome = await runBounded({
      ...base,
      env: { PATH: '/usr/bin:/bin', ONLY: '1' },
      args: ['-c', 'env'],
    });
    assert.doesNotMatch(outcome.stdout.toString(), /HOME=/);
    assert.match(outcome.stdout.toString(), /ONLY=1/);
  });

  it('ends a program that takes too long, together with its children', async () => {
    const outcome = await runBounded({
      ...base,
      timeoutMs: 200,
      args: ['-c', `trap '' TERM; sleep 600 & echo $!; wait; sleep 600`],
    });
    assert.equal(outcome.stoppedFor, 'TIMEOUT');
    const child = Number(outcome.stdout.toString());
    assert.ok(child > 0);
    await eventually(() => isGone(child), { what: 'the end of the grandchild' });
  });

  it('ends a program that says too much', async () => {
    const outcome = await runBounded({ ...base, args: ['-c', 'yes'] });
    assert.equal(outcome.stoppedFor, 'OUTPUT');
    assert.ok(outcome.stdout.length <= 1000);
  });

  it('ends a program when it is told to, also before it began', async () => {
    const abort = new AbortController();
    const running = runBounded({ ...base, args: ['-c', 'sleep 600'], signal: abort.signal });
    abort.abort();
    assert.equal((await running).stoppedFor, 'ABORTED');
    const late = await runBounded({ ...base, args: ['-c', 'sleep 600'], signal: abort.signal });
    assert.equal(late.stoppedFor, 'ABORTED');
  });

  it('rejects when the program is not there', async () => {
    await assert.rejects(runBounded({ ...base, file: 'no-such-program', args: [] }), { code: 'ENOENT' });
  });
});

/** A killed orphan may stay as a zombie where nobody reaps it. */
function isGone(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}
