import { Automaton } from './automaton.js';
import { MaskStream } from './mask-stream.js';
import { patternsOf } from './secret-forms.js';

/** Hides the secrets of one build in everything that leaves the worker. */
export class Mask {
  readonly #automaton: Automaton;

  constructor(values: Iterable<string>) {
    this.#automaton = new Automaton([...new Set(values)].flatMap(patternsOf));
  }

  /** A whole text without its secrets. */
  text(text: string): string {
    const stream = this.stream();
    return Buffer.concat([stream.push(Buffer.from(text)), stream.end()]).toString();
  }

  /** For a text that comes in pieces. */
  stream(): MaskStream {
    return new MaskStream(this.#automaton);
  }
}
