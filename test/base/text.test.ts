import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cut, isStorable, toStorable } from '../../src/base/text.js';

const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
});

describe('storable text', () => {
  it('has no NUL and no half of a pair', () => {
    assert.ok(isStorable('a😀b'));
    for (const text of ['\0', 'a\ud83d', '\ude00b']) assert.ok(!isStorable(text));
  });

  it('is made of any text, and is that text where nothing is wrong with it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.ok(isStorable(toStorable(text)));
        if (isStorable(text)) assert.equal(toStorable(text), text);
        assert.equal(toStorable(text).length, text.length);
      }),
    );
  });

  it('is never longer than its limit when cut, nor ends in half a character', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, limit) => {
        const short = cut(text, limit);
        assert.ok(short.length <= limit && isStorable(short));
        if (text.length <= limit) assert.equal(short, toStorable(text));
      }),
    );
    assert.equal(cut('ab😀cd', 4), 'ab…');
    assert.equal(cut('abcdef', 4), 'abc…');
  });
});
