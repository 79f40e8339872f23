import assert from 'node:assert/strict';
import { didYouMean, nearest } from '../../../src/pipeline/grammar/suggest.js';

describe('suggestions', () => {
  const keys = ['name', 'commands', 'environment', 'ruleset'];

  it('finds the word that was meant', () => {
    assert.equal(nearest('comands', keys), 'commands');
    assert.equal(nearest('Enviroment', keys), 'environment');
    assert.equal(nearest('rulset', keys), 'ruleset');
  });

  it('says nothing when no word is near', () => {
    assert.equal(nearest('zebra', keys), null);
    assert.equal(didYouMean('x'.repeat(100_000), keys), '');
  });
});
