import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';
import { isAlive, spawnProcess } from './processes.js';

describe('spawnProcess', () => {
  it('finds lines of either stream, past and future, and keeps both', async () => {
    const script =
      "console.log('port 17'); process.stdin.once('data', () => { console.error('bye'); process.exit(3) })";
    const child = await spawnProcess(process.execPath, ['-e', script]);
    assert.equal((await child.waitForLine(/^port (\d+)$/))[1], '17');
    const bye = child.waitForLine(/bye/);
    child.write('\n');
    await bye;
    assert.deepEqual(await child.exit, { code: 3, signal: null });
    assert.deepEqual([child.stdout, child.stderr, child.output], ['port 17\n', 'bye\n', 'port 17\nbye']);
  });

  it('rejects a wait for a line that the process ends without, with its output', async () => {
    const child = await spawnProcess(process.execPath, ['-e', "console.log('something else')"]);
    await assert.rejects(
      child.waitForLine(/ready/),
      /process ended before a line matched \/ready\/.*\nsomething else/s,
    );
  });

  it('rejects a program that does not exist', async () => {
    await assert.rejects(spawnProcess('/no/such/program', []), { code: 'ENOENT' });
  });

  it('kills, and says by which signal the process ended', async () => {
    const child = await spawnProcess('sleep', ['600']);
    assert.deepEqual(await child.kill('SIGTERM'), { code: null, signal: 'SIGTERM' });
    assert.equal(child.isRunning, false);
    assert.deepEqual(await child.kill(), { code: null, signal: 'SIGTERM' });
  });

  it('leaves no process behind when the run itself is killed, and kills none that has ended', async () => {
    const run = await spawnProcess(process.execPath, [fixture('spawning.js')]);
    const [, first, second] = await run.waitForLine(/^(\d+) (\d+)$/);
    await run.kill('SIGKILL');
    for (const pid of [first, second]) {
      await eventually(() => !isAlive(Number(pid)), { what: `the end of ${pid}` });
    }
  });
});

function fixture(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}
