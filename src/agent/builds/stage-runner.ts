import type { StagePlan } from './stage-plan.js';

/** How stages are run. */
export interface StageRunning {
  /** How many may run at once. */
  readonly limit: number;
  /** Runs one stage; it is over, however it went, when this resolves. */
  readonly run: (stage: StagePlan) => Promise<void>;
}

/**
 * Runs each stage once, as soon as all that it needs have ended and there is room; in the order of the file where
 * several are ready. When one rejects nothing more is started, and this rejects once those under way are over. The
 * plan is one of {@link planStages}: without circles.
 */
export async function runStages(plans: readonly StagePlan[], { limit, run }: StageRunning): Promise<void> {
  const ended = new Set<string>();
  const running = new Set<Promise<void>>();
  let waiting = [...plans];
  const start = (stage: StagePlan): void => {
    waiting = waiting.filter((other) => other !== stage);
    const over: Promise<void> = run(stage).then(() => {
      ended.add(stage.name);
      running.delete(over);
    });
    running.add(over);
  };
  try {
    while (waiting.length > 0 || running.size > 0) {
      const ready = waiting.filter(({ needs }) => needs.every((need) => ended.has(need)));
      ready.slice(0, limit - running.size).forEach(start);
      await Promise.race(running);
    }
  } finally {
    await Promise.allSettled(running);
  }
}
