import { hashUuid } from '../base/hash-uuid.js';

/** What decides which lanes a worker may serve. Workers that agree in all of it are one class for the claim. */
export interface WorkerClass {
  readonly poolId: string;
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** The same text for the same class, whatever the order in which targets and labels were given. */
export function classKey(workerClass: WorkerClass): string {
  const { poolId, targets, labels } = workerClass;
  return JSON.stringify([
    poolId,
    targets.toSorted(),
    Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

/** The id under which the shares of a class are kept. */
export function classIdOf(workerClass: WorkerClass): string {
  return hashUuid(`slipway worker class ${classKey(workerClass)}`);
}
