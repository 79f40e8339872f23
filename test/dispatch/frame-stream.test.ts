import assert from 'node:assert/strict';
import { FrameStream } from '../../src/dispatch/frame-stream.js';
import type { BuildPackage } from '../../src/protocol/messages.js';

describe('a frame stream', () => {
  const packageOf = (buildId: string, size: number): BuildPackage => ({
    __typename: 'BuildPackage',
    buildId,
    head: '{}',
    sealId: 'id',
    seal: 'x'.repeat(size),
  });

  async function framesOf(...sizes: readonly number[]): Promise<string[][]> {
    const frames: string[][] = [];
    const stream = new FrameStream({
      maxPackages: 3,
      sign: () => ({ kid: 'kid', signature: 'signature' }),
      onFrame: (_seq, events) =>
        frames.push(events.flatMap((event) => (event.__typename === 'BuildPackage' ? event.buildId : []))),
    });
    stream.push(...sizes.map((size, index) => packageOf(String(index), size)));
    const reader = stream.frames();
    while (frames.flat().length < sizes.length) await reader.next();
    stream.close();
    return frames;
  }

  it('takes what is ready, up to its cap of packages', async () => {
    assert.deepEqual(await framesOf(1, 1, 1, 1), [['0', '1', '2'], ['3']]);
  });

  it('begins another frame for what is large, and stops at nothing', async () => {
    const large = 3 * 1024 * 1024;
    assert.deepEqual(await framesOf(large, large, 2 * large, 1, 1), [['0'], ['1'], ['2'], ['3', '4']]);
  });
});
