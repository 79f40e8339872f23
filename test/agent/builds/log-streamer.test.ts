import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { deferred } from '../../../src/base/deferred.js';
import { BACKLOG_BYTES, LogStreamer } from '../../../src/agent/builds/log-streamer.js';
import { Mask } from '../../../src/agent/masking/mask.js';
import { CHUNK_BYTES, FLUSH_MS } from '../../../src/agent/builds/step-log.js';
import type { LogChunk } from '../../../src/protocol/messages.js';
import { ManualClock } from '../support/manual-clock.js';

/** A server that keeps chunks by (step, seq), as the real one does. */
class ChunkStore {
  readonly chunks = new Map<string, Buffer>();
  readonly calls: (readonly LogChunk[])[] = [];

  readonly take = (chunks: readonly LogChunk[]): Promise<boolean> => {
    this.calls.push(chunks);
    for (const { step, seq, data } of chunks) this.chunks.set(`${step}/${seq}`, Buffer.from(data, 'base64'));
    return Promise.resolve(true);
  };

  log(step: number): Buffer {
    const parts: Buffer[] = [];
    for (let seq = 0; this.chunks.has(`${step}/${seq}`); seq += 1)
      parts.push(this.chunks.get(`${step}/${seq}`)!);
    return Buffer.concat(parts);
  }
}

describe('LogStreamer', () => {
  const mask = new Mask([]);
  const capBytes = 100 * 1024 * 1024;
  let clock: ManualClock;
  let store: ChunkStore;
  let streamer: LogStreamer;

  beforeEach(() => {
    clock = new ManualClock();
    store = new ChunkStore();
    streamer = new LogStreamer(store.take, { clock, mask, capBytes });
  });

  it('delivers every byte of every step in order, however they are cut', async () => {
    const write = fc.record({ step: fc.nat(3), bytes: fc.uint8Array({ maxLength: 3 * CHUNK_BYTES }) });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 12 }), fc.array(fc.nat(11)), async (writes, flushes) => {
        const taker = new ChunkStore();
        const logs = new LogStreamer(taker.take, { clock, mask, capBytes });
        for (const [index, { step, bytes }] of writes.entries()) {
          await logs.step(step).write(bytes);
          if (flushes.includes(index)) await logs.flush();
        }
        await logs.drain();
        for (const { step, lastSeq, bytes } of logs.lengths()) {
          const expected = Buffer.concat(writes.filter((one) => one.step === step).map((one) => one.bytes));
          assert.ok(taker.log(step).equals(expected));
          assert.equal(bytes, expected.length);
          assert.equal(
            [...taker.chunks.keys()].filter((key) => key.startsWith(`${step}/`)).length,
            lastSeq + 1,
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it('sends a small line after 200 ms and not before', async () => {
    await streamer.step(2).write(Buffer.from('line\n'));
    clock.advance(FLUSH_MS - 1);
    await setImmediate();
    assert.equal(store.calls.length, 0);
    clock.advance(1);
    await setImmediate();
    assert.deepEqual(store.calls, [[{ step: 2, seq: 0, data: Buffer.from('line\n').toString('base64') }]]);
  });

  it('sends a full chunk at once', async () => {
    await streamer.step(2).write(Buffer.alloc(CHUNK_BYTES, 'x'));
    assert.equal(store.calls.length, 1);
  });

  it('holds writers up beyond its backlog, and keeps all of it until it is acknowledged', async () => {
    const gate = deferred<boolean>();
    const slow = new LogStreamer(() => gate.promise, { clock, mask, capBytes });
    const log = slow.step(1);
    let written = 0;
    const writing = (async (): Promise<void> => {
      for (; written < 10 * BACKLOG_BYTES; written += CHUNK_BYTES) await log.write(Buffer.alloc(CHUNK_BYTES));
    })();
    await setImmediate();
    assert.ok(written <= BACKLOG_BYTES, `${written} bytes were taken`);
    assert.ok(slow.backlogBytes <= BACKLOG_BYTES + CHUNK_BYTES);
    gate.resolve(true);
    await writing;
    await slow.drain();
    assert.equal(slow.backlogBytes, 0);
  });

  it('lets writers go and drops the rest when nobody wants the logs any more', async () => {
    const refusing = new LogStreamer(() => Promise.resolve(false), { clock, mask, capBytes });
    for (let n = 0; n < 40; n += 1) await refusing.step(1).write(Buffer.alloc(CHUNK_BYTES));
    await refusing.drain();
    assert.equal(refusing.backlogBytes, 0);
  });

  it('masks a secret that comes in pieces, and holds no more back than its beginning', async () => {
    const masked = new LogStreamer(store.take, { clock, mask: new Mask(['hunter2-canary']), capBytes });
    const log = masked.step(1);
    for (const text of ['the password is hunt', 'er2-can']) await log.write(Buffer.from(text));
    clock.advance(FLUSH_MS);
    await setImmediate();
    assert.equal(store.log(1).toString(), 'the password is ');
    for (const text of ['ary.\n', 'hunter']) await log.write(Buffer.from(text));
    await log.flush();
    await masked.drain();
    assert.equal(store.log(1).toString(), 'the password is ***.\nhunter');
  });

  it('counts its cap after masking', async () => {
    const capped = new LogStreamer(store.take, { clock, mask: new Mask(['x'.repeat(50)]), capBytes: 12 });
    const log = capped.step(1);
    for (let n = 0; n < 3; n += 1) await log.write(Buffer.from(`${'x'.repeat(50)}-`));
    await capped.drain();
    assert.equal(store.log(1).toString(), '***-***-***-');
  });

  it('cuts a log at its cap, visibly and once', async () => {
    const capped = new LogStreamer(store.take, { clock, mask, capBytes: 10 });
    const log = capped.step(1);
    for (const text of ['12345', '67890', 'over', 'and over']) await log.write(Buffer.from(text));
    await capped.drain();
    const text = store.log(1).toString();
    assert.match(text, /^1234567890\n\[slipway: the log reached its limit of 10 bytes/);
    assert.equal(text.match(/slipway:/g)?.length, 1);
    assert.deepEqual(capped.lengths(), [{ step: 1, lastSeq: 0, bytes: store.log(1).length }]);
  });
});
