import type { Clock } from './clock.js';
import type { Logger } from './logger.js';

/** A periodic service that runs until it is stopped. */
export interface PeriodicRun {
  /** Runs the work as soon as the current round is over, without waiting for the interval. */
  wake(): void;
  /** Resolves when the current round is over and no other one will come. */
  stop(): Promise<void>;
}

/**
 * Runs `work` again and again: at once, then `intervalMs` (with a tenth of jitter, so that replicas do not march in
 * step) after the end of each round, or earlier when woken. A round that throws is logged, and the next one comes.
 */
export function runPeriodically(options: {
  readonly name: string;
  readonly intervalMs: number;
  readonly work: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}): PeriodicRun {
  const stopped = new AbortController();
  let nap = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      // Made before the work, so that a call of wake() during the work is not lost.
      nap = new AbortController();
      await options.work(stopped.signal).catch((error: unknown) => {
        if (!stopped.signal.aborted)
          options.logger.error({ err: error, service: options.name }, 'a round failed');
      });
      const pauseMs = options.intervalMs * (0.9 + Math.random() * 0.2);
      await options.clock
        .sleep(pauseMs, AbortSignal.any([stopped.signal, nap.signal]))
        .catch(() => undefined);
    }
  };
  const running = loop();
  return {
    wake: () => nap.abort(),
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}
