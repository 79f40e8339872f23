import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { deferred, type Deferred } from '../../src/base/deferred.js';
import type { FleetCall, FleetCalls, FleetMessage, FleetRequest, Life } from './messages.js';

/** Hears of builds whose end has been answered. */
export type LivesListener = (lives: readonly Life[]) => void;

/** Simulated agents in a process of their own, over real sockets. One call is under way at a time. */
export class Fleet {
  readonly #child: ChildProcess;
  #answer: Deferred<unknown> = deferred();
  #listener: LivesListener = () => undefined;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('../fleet-process.js', import.meta.url)), {
      serialization: 'advanced',
    });
    this.#child.on('message', (message) => this.#take(message as FleetMessage));
    this.#child.on('exit', (code) =>
      this.#answer.reject(new Error(`the agents' process ended with ${code}`)),
    );
    this.#answer.promise.catch(() => undefined); // Whoever waits for an answer hears of it.
  }

  async call<Call extends FleetCall>(
    call: Call,
    request: FleetCalls[Call]['request'],
  ): Promise<FleetCalls[Call]['answer']> {
    this.#answer = deferred();
    const message: FleetRequest<Call> = { call, request };
    this.#child.send(message);
    return (await this.#answer.promise) as FleetCalls[Call]['answer'];
  }

  /** Calls `listener` with the lives from now on, instead of whoever listened before. */
  onLives(listener: LivesListener): void {
    this.#listener = listener;
  }

  /** Ends the process. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }

  #take(message: FleetMessage): void {
    switch (message.kind) {
      case 'LIVES':
        return this.#listener(message.lives);
      case 'ANSWER':
        return this.#answer.resolve(message.answer);
      case 'FAILED':
        return this.#answer.reject(new Error(`the agents' process failed: ${message.reason}`));
    }
  }
}
