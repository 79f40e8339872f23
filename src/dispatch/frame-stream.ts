import { deferred } from '../base/deferred.js';
import { DomainError, ErrorCode } from '../base/errors.js';
import type { BuildPackage, Frame, FrameEvent } from '../protocol/messages.js';
import type { KeyedSignature } from '../tokens/index.js';

export interface FrameStreamOptions {
  /** Signs the packages of a frame. */
  readonly sign: (frameSeq: number, packages: readonly BuildPackage[]) => KeyedSignature;
  /** Called as a frame is handed to the socket. */
  readonly onFrame: (frameSeq: number, events: readonly FrameEvent[]) => void;
  /** Most packages of a frame. */
  readonly maxPackages: number;
}

/** Packages with large pipelines and secrets share a frame only up to this; sockets take far more at once. */
const MAX_FRAME_CHARS = 4 * 1024 * 1024;

/**
 * What the server has to tell one agent, as signed frames. A frame carries everything that is ready when the socket
 * takes it, so that a busy stream needs fewer frames, not longer queues.
 */
export class FrameStream {
  #events: FrameEvent[] = [];
  #seq = 0;
  #wake = deferred<void>();
  #taken = false;
  #closed = false;

  constructor(private readonly options: FrameStreamOptions) {}

  push(...events: readonly FrameEvent[]): void {
    if (this.#closed) return;
    this.#events.push(...events);
    this.#wake.resolve();
  }

  /** Ends the stream after what was taken; what still waits is dropped. */
  close(): void {
    this.#closed = true;
    this.#wake.resolve();
  }

  /** True while somebody reads the frames. */
  get isTaken(): boolean {
    return this.#taken;
  }

  /** The frames, for one reader: a second one is refused. */
  frames(): AsyncGenerator<Frame, void> {
    if (this.#taken)
      throw new DomainError(ErrorCode.CONFLICT, 'the frames of this session have a subscriber already');
    this.#taken = true;
    return this.#read();
  }

  async *#read(): AsyncGenerator<Frame, void> {
    try {
      for (;;) {
        await this.#wake.promise;
        if (this.#closed) return;
        yield this.#next();
      }
    } finally {
      this.#taken = false;
    }
  }

  #next(): Frame {
    const events = this.#takeEvents();
    const seq = ++this.#seq;
    const packages = events.filter((event) => event.__typename === 'BuildPackage');
    const signed = packages.length === 0 ? { kid: null, signature: null } : this.options.sign(seq, packages);
    this.options.onFrame(seq, events);
    return { seq, events, ...signed };
  }

  /** Everything up to the caps, but always something; the rest comes with the next frame. */
  #takeEvents(): FrameEvent[] {
    let count = 0;
    let size = 0;
    for (const event of this.#events.slice(0, this.options.maxPackages)) {
      size += sizeOf(event);
      if (count > 0 && size > MAX_FRAME_CHARS) break;
      count += 1;
    }
    const taken = this.#events.splice(0, count);
    if (this.#events.length === 0) this.#wake = deferred<void>();
    return taken;
  }
}

function sizeOf(event: FrameEvent): number {
  return event.__typename === 'BuildPackage' ? event.head.length + event.seal.length : 0;
}
