import assert from 'node:assert/strict';
import { Suggestions } from '../../../src/pipeline/grammar/suggest.js';

describe('suggestions', () => {
  const keys = ['name', 'commands', 'environment', 'ruleset'];
  const didYouMean = (word: string, candidates = keys): string =>
    new Suggestions().didYouMean(word, candidates);

  it('find the word that was meant', () => {
    assert.equal(didYouMean('comands'), '; did you mean "commands"?');
    assert.equal(didYouMean('Enviroment'), '; did you mean "environment"?');
    assert.equal(didYouMean('rulset'), '; did you mean "ruleset"?');
    assert.equal(didYouMean('pasword', ['PASSWORD']), '; did you mean "PASSWORD"?');
  });

  it('say nothing when no word is near', () => {
    assert.equal(didYouMean('zebra'), '');
    assert.equal(didYouMean('x'.repeat(100_000)), '');
  });

  it('end for a file of nothing but mistakes', function () {
    this.timeout(60_000);
    const words = Array.from({ length: 200 }, (_, n) => String(n).padStart(40, 'ab'));
    const suggestions = new Suggestions();
    for (let n = 0; n < 50_000; n += 1) suggestions.didYouMean('c'.repeat(40), words);
    assert.equal(suggestions.didYouMean('nme', keys), '');
  });
});
