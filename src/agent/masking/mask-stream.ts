import type { Automaton } from './automaton.js';
import { LineBreaks } from './line-breaks.js';

/** What stands for a secret. */
export const MASK = Buffer.from('***');
/** A line break ends the suspicion against fewer bytes than these: the ends of most lines would wait otherwise. */
export const SUSPICIOUS_BYTES = 4;
/** Bytes of line breaks within a secret that stand side by side at most; more of them part what they separate. */
export const MAX_BREAK_BYTES = 8;

/** A part of the text that is masked, from one offset to before another. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Masks one text that comes in pieces. Line breaks do not count: a secret is found whatever the width at which
 * somebody wrapped it. What may be the beginning of a secret is held back until more comes; everything else comes out
 * at once. What comes out does not depend on how the text was cut.
 */
export class MaskStream {
  readonly #automaton: Automaton;
  #state = 0;
  /** Bytes of the text so far, with and without those of line breaks. */
  #offset = 0;
  #place = 0;
  readonly #breaks = new LineBreaks();
  /** The end of the text, not given out yet, and where it begins. */
  #held: Uint8Array = new Uint8Array();
  #heldFrom = 0;
  /** What is before it is decided, whatever comes. */
  #released = 0;
  /** In order, apart from each other, none before `#heldFrom`. */
  #spans: Span[] = [];
  #maskedUntil = -1;

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
  }

  /** Takes bytes and returns those that are decided now. */
  push(bytes: Uint8Array): Uint8Array {
    this.#scan(bytes);
    const text = this.#held.byteLength === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    return this.#give(text, this.#undecidedFrom());
  }

  /** The text is over: returns what was held back. What comes after it is another text. */
  end(): Uint8Array {
    const rest = this.#give(this.#held, this.#offset);
    this.#state = 0;
    this.#released = this.#offset;
    this.#maskedUntil = -1;
    return rest;
  }

  #scan(bytes: Uint8Array): void {
    const reading = { state: this.#state, at: 0 };
    while (reading.at < bytes.byteLength) {
      const from = reading.at;
      this.#automaton.read(bytes, reading);
      this.#state = reading.state;
      this.#offset += reading.at - from;
      this.#place += reading.at - from;
      const length = this.#automaton.longest[reading.state]!;
      if (reading.at === from) {
        this.#breakLine();
        reading.at += 1;
        reading.state = this.#state;
      } else if (length > 0) this.#cover(length);
    }
  }

  /** The next byte is one of a line break. */
  #breakLine(): void {
    this.#offset += 1;
    this.#breaks.add(this.#place);
    if (this.#breaks.areInARow(MAX_BREAK_BYTES + 1)) this.#state = 0;
    if (this.#automaton.depth[this.#state]! < SUSPICIOUS_BYTES) this.#released = this.#offset;
  }

  /** The last `length` bytes are a secret. */
  #cover(length: number): void {
    let start = Math.max(this.#released, this.#heldFrom, this.#breaks.offsetOf(this.#place - length));
    for (let last = this.#spans.at(-1); last && last.end >= start; last = this.#spans.at(-1)) {
      start = Math.min(start, last.start);
      this.#spans.pop();
    }
    this.#spans.push({ start, end: this.#offset });
  }

  /** What is masked already is decided, also if more of it may follow. */
  #undecidedFrom(): number {
    const depth = this.#automaton.depth[this.#state]!;
    if (depth === 0) return this.#offset;
    const from = Math.max(this.#released, this.#heldFrom, this.#breaks.offsetOf(this.#place - depth));
    return this.#spans.find(({ start, end }) => start <= from && from < end)?.end ?? from;
  }

  /** Gives out a text that begins at `#heldFrom`, up to an offset, and holds the rest. */
  #give(text: Uint8Array, until: number): Uint8Array {
    const from = this.#heldFrom;
    const parts: Uint8Array[] = [];
    let at = from;
    for (const span of this.#spans) {
      if (span.start >= until) break;
      parts.push(text.subarray(at - from, span.start - from));
      if (span.start > this.#maskedUntil) parts.push(MASK);
      at = Math.min(span.end, until);
      this.#maskedUntil = at;
    }
    parts.push(text.subarray(at - from, until - from));
    this.#hold(text.subarray(until - from), until);
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  #hold(text: Uint8Array, from: number): void {
    this.#heldFrom = from;
    this.#held = Buffer.from(text); // A copy: whoever gave the bytes may use theirs again.
    this.#spans = this.#spans
      .filter(({ end }) => end > from)
      .map(({ start, end }) => ({ start: Math.max(start, from), end }));
    this.#breaks.forgetBefore(this.#place - this.#automaton.depth[this.#state]!);
  }
}
