import assert from 'node:assert/strict';
import { closestTo } from '../../src/config/did-you-mean.js';
import { label, mount } from '../../src/config/worker-kinds.js';

describe('mount', () => {
  it('takes an absolute source with a mode', () => {
    assert.deepEqual(mount().parse('/cache/npm:node_modules:ro'), {
      source: '/cache/npm',
      destination: 'node_modules',
      mode: 'ro',
    });
  });

  it('refuses a relative source, an unknown mode and missing parts', () => {
    for (const given of ['cache:a:ro', '/cache:a:rw', '/cache:a', '/cache', '/a:b:c:ro', '']) {
      assert.equal(mount().parse(given), undefined, given);
    }
  });
});

describe('label', () => {
  it('takes a value that is empty and refuses a name that is', () => {
    assert.deepEqual(label().parse('gpu='), { name: 'gpu', value: '' });
    assert.equal(label().parse('=true'), undefined);
    assert.equal(label().parse('gpu'), undefined);
  });
});

describe('closestTo', () => {
  it('suggests nothing when nothing is near', () => {
    assert.equal(closestTo('SLIPWAY_PROT', ['SLIPWAY_PORT', 'SLIPWAY_HOST']), 'SLIPWAY_PORT');
    assert.equal(closestTo('zzz', ['SLIPWAY_PORT']), undefined);
    assert.equal(closestTo('anything', []), undefined);
  });
});
