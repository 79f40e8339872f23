import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Automaton } from '../../../src/agent/masking/automaton.js';
import { MASK, MaskStream } from '../../../src/agent/masking/mask-stream.js';
import { maskAtOnce } from './support/mask-at-once.js';

/** Few letters, so that patterns overlap, contain and continue each other, and line breaks stand in all of them. */
const letters = (most: number) =>
  fc.stringMatching(new RegExp(`^[abc]{0,${most}}$`)).map((text) => Buffer.from(text));
const someText = fc
  .array(fc.constantFrom('a', 'b', 'c', 'a', 'b', 'c', 'd', '\n', '\r\n', '\n\n\n\n', '\xff'), {
    maxLength: 80,
  })
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));
const somePatterns = fc.array(
  letters(9).filter(({ length }) => length > 0),
  { maxLength: 8 },
);

function maskInPieces(patterns: readonly Buffer[], pieces: readonly Buffer[]): Buffer {
  const stream = new MaskStream(new Automaton(patterns));
  return Buffer.concat([...pieces.map((piece) => stream.push(piece)), stream.end()]);
}

function cutAt(text: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.slice(1).map((end, index) => text.subarray(places[index], end));
}

describe('MaskStream', () => {
  it('gives what masking the whole text at once gives, however the text is cut', () => {
    fc.assert(
      fc.property(somePatterns, someText, fc.array(fc.nat()), (patterns, text, cuts) => {
        const expected = maskAtOnce(patterns, text).toString('latin1');
        assert.equal(maskInPieces(patterns, cutAt(text, cuts)).toString('latin1'), expected);
      }),
      { numRuns: 20_000 },
    );
  });

  it('lets no pattern through', () => {
    fc.assert(
      fc.property(somePatterns, someText, fc.array(fc.nat()), (patterns, text, cuts) => {
        const masked = maskInPieces(patterns, cutAt(text, cuts));
        for (const pattern of patterns) assert.ok(!masked.includes(pattern));
      }),
      { numRuns: 5_000 },
    );
  });

  it('gives out at once what cannot be the beginning of a secret', () => {
    const stream = new MaskStream(new Automaton([Buffer.from('secret'), Buffer.from('creek')]));
    const give = (text: string): string => Buffer.from(stream.push(Buffer.from(text))).toString();
    assert.equal(give('a password? '), 'a password? ');
    assert.equal(give('the sec'), 'the ');
    assert.equal(give('re'), '');
    assert.equal(give('pt'), 'secrept');
    assert.equal(give(' secre'), ' ');
    assert.equal(give('ek!'), 'se***!');
    assert.equal(give('secret'), '***');
    assert.equal(give('!'), '!');
  });

  it('gives out the end of a line that begins like a secret by a few letters', () => {
    const stream = new MaskStream(new Automaton([Buffer.from('secret')]));
    const give = (text: string): string => Buffer.from(stream.push(Buffer.from(text))).toString();
    assert.equal(give('three plus\n'), 'three plus\n');
    assert.equal(give('sec\n'), 'sec\n');
    assert.equal(give('ret'), '***');
    assert.equal(give('\nsecr\n'), '\n');
    assert.equal(give('et'), '***');
  });

  it('takes secrets that stand side by side for one', () => {
    const patterns = ['abcd', 'cdef', 'xyz'].map((text) => Buffer.from(text));
    const text = Buffer.from('abcdef-abcdxyz-abcdabcd');
    for (let cut = 0; cut <= text.length; cut += 1)
      assert.equal(maskInPieces(patterns, cutAt(text, [cut])).toString(), '***-***-***');
  });

  it('begins a new text after the end of one', () => {
    const stream = new MaskStream(new Automaton([Buffer.from('secret')]));
    assert.equal(Buffer.from(stream.push(Buffer.from('sec'))).toString(), '');
    assert.equal(Buffer.from(stream.end()).toString(), 'sec');
    assert.equal(Buffer.from(stream.push(Buffer.from('ret secret'))).toString(), 'ret ***');
    assert.equal(Buffer.from(stream.push(MASK)).toString(), '***');
  });

  it('holds a bounded part of any text', () => {
    const stream = new MaskStream(new Automaton([Buffer.alloc(128, 'x')]));
    let given = 0;
    for (let n = 0; n < 2_000; n += 1) given += stream.push(Buffer.from(n % 3 === 0 ? 'x' : '\n\n\n')).length;
    given += stream.push(Buffer.alloc(10_000, '\n')).length;
    assert.ok(given > 8_000, `${given} bytes came out`);
  });
});
