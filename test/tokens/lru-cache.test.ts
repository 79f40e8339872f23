import assert from 'node:assert/strict';
import { LruCache } from '../../src/tokens/lru-cache.js';

describe('LruCache', () => {
  it('forgets what was not used for longest', () => {
    const cache = new LruCache<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c')], [1, undefined, 3]);
  });

  it('never holds more than its capacity', () => {
    const cache = new LruCache<number, number>(10);
    for (let key = 0; key < 100; key++) cache.set(key % 30, key);
    assert.equal(cache.size, 10);
  });

  it('replaces a value without forgetting another one', () => {
    const cache = new LruCache<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.set('b', 3);
    assert.deepEqual([cache.get('a'), cache.get('b')], [1, 3]);
  });

  it('is empty once cleared', () => {
    const cache = new LruCache<string, number>(2);
    cache.set('a', 1);
    cache.clear();
    assert.equal(cache.get('a'), undefined);
  });
});
