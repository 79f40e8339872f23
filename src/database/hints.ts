import { EventEmitter } from 'node:events';

/** What may have changed, by topic. A hint says where to look, never what is true there. */
export interface HintTopics {
  /** A change waits to be resolved. */
  'change.received': { readonly change: string };
  'change.updated': { readonly change: string; readonly repo: string };
  /** Jobs of a target became claimable, or a slot became free. */
  'job.claimable': { readonly target: string };
  'job.updated': { readonly job: string; readonly group: string; readonly repo: string };
  'group.updated': { readonly group: string };
  /** New log chunks or a new step state. */
  'log.appended': { readonly build: string };
  'worker.updated': { readonly worker: string };
  /** Something waits for the agent of this session: a cancel, a revocation, an offer to push again. */
  'session.attention': { readonly session: string };
}

export type HintTopic = keyof HintTopics;

/**
 * The bus between the parts of the system. A hint may be lost, doubled, late or forged, so that a listener always
 * reads the row; a sweep finds the same work without any hint.
 */
export interface Hints {
  publish<T extends HintTopic>(topic: T, hint: HintTopics[T]): void;
  /** Calls `listener` for each hint until the returned function is called. */
  subscribe<T extends HintTopic>(topic: T, listener: (hint: HintTopics[T]) => void): () => void;
}

/** Hints within one process. Listeners run later, never inside the publisher's call. */
export class LocalHints implements Hints {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  publish<T extends HintTopic>(topic: T, hint: HintTopics[T]): void {
    setImmediate(() => this.#emitter.emit(topic, hint));
  }

  subscribe<T extends HintTopic>(topic: T, listener: (hint: HintTopics[T]) => void): () => void {
    this.#emitter.on(topic, listener);
    return () => this.#emitter.off(topic, listener);
  }
}
