import assert from 'node:assert/strict';
import { runMocha } from './fixtures/run-mocha.js';

describe('failOnLeaks', () => {
  it('fails a run whose tests pass but leave a server listening, and names it', async () => {
    const run = await runMocha({ setup: './leak-setup.js', file: './leaking.js' });
    assert.deepEqual(await run.exit, { code: 1, signal: null });
    assert.match(run.stdout, /1 passing/);
    assert.match(run.stderr, /after 200 ms these still keep the process alive: TCPServerWrap/);
  });
});
