import { printable } from './output/printable.js';
import type { Terminal } from './terminal.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const CLEAR_LINE = '\r\u001B[2K';

/** A moving line on a terminal that says what is waited for; nothing at all elsewhere. */
export class Spinner {
  readonly #timer: NodeJS.Timeout | undefined;
  #text = '';
  #frame = 0;

  constructor(terminal: Terminal) {
    if (terminal.isLively) this.#timer = setInterval(() => this.#draw(), FRAME_MS).unref();
  }

  /** Changes what it says. */
  show(text: string): void {
    this.#text = printable(text);
  }

  /** Takes the line away, so that something else can be written there; the next frame draws it again. */
  clear(): void {
    if (this.#timer !== undefined) process.stderr.write(CLEAR_LINE);
  }

  /** Ends it. */
  stop(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #draw(): void {
    if (this.#text === '') return;
    this.#frame = (this.#frame + 1) % FRAMES.length;
    const width = (process.stderr.columns ?? 80) - 3;
    process.stderr.write(`${CLEAR_LINE}${FRAMES[this.#frame] ?? ''} ${this.#text.slice(0, width)}`);
  }
}
