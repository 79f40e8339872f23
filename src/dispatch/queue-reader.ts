import { groupBy } from '../base/group-by.js';
import type { Queryable } from '../database/queryable.js';
import {
  findConnectedClasses,
  findJobPlaces,
  findQueuedLanes,
  findWaitingLanes,
  findWaitingTargets,
  listLaneJobs,
  MOST_AHEAD,
  type ConnectedClass,
  type JobPlace,
  type QueuedLane,
} from './queue-lanes.queries.js';
import { queueOrder } from './queue-order.js';

/** Classes that are tried for a job: the largest first, of which nearly always the first one fits. */
const CLASSES_TRIED = 5;

interface Options {
  readonly db: Queryable;
  readonly agingMs: number;
}

/** Tells people the order of the queue. Nothing is decided by it: claims look for themselves. */
export class QueueReader {
  constructor(private readonly options: Options) {}

  /**
   * How many jobs are served before each of these, among those that it competes with: those of its concurrency group
   * when that is full, those of its repo when that is at its limit, otherwise all that its workers could start.
   * 1,000 stands for 1,000 and more; a job that is not ready yet has no place.
   */
  async placesOf(jobIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const places = await findJobPlaces(this.options.db, jobIds);
    const queues = new Queues(this.options);
    const found = new Map<string, number>();
    for (const place of places) found.set(place.job_id, await queues.aheadOf(place));
    return found;
  }

  /** Ids of waiting jobs in the order of service, target by target; those that are held up come last. */
  async next({ target, limit }: { target: string | undefined; limit: number }): Promise<readonly string[]> {
    const { db } = this.options;
    const queues = new Queues(this.options);
    const targets = target === undefined ? await findWaitingTargets(db) : [target];
    const jobIds: string[] = [];
    for (const name of targets) {
      if (jobIds.length >= limit) break;
      jobIds.push(...(await this.#nextOf(name, limit - jobIds.length, queues)));
    }
    return jobIds;
  }

  async #nextOf(target: string, limit: number, queues: Queues): Promise<readonly string[]> {
    const { db } = this.options;
    const laneIds = await queues.laneOrder(target, limit);
    const counts = new Map([...groupBy(laneIds, (id) => id)].map(([id, entries]) => [id, entries.length]));
    const jobs = await listLaneJobs(db, counts);
    const byLane = groupBy(jobs, ({ lane_id }) => lane_id);
    return laneIds.flatMap((laneId) => byLane.get(laneId)?.shift()?.id ?? []);
  }
}

/** The queues of the connected classes, read at most once each. */
class Queues {
  #classes: Promise<readonly ConnectedClass[]> | undefined;
  readonly #lanes = new Map<ConnectedClass, Promise<readonly QueuedLane[]>>();
  /** By scope and lane: the places of the lane's jobs. */
  readonly #places = new Map<string, ReadonlyMap<string, readonly number[]>>();

  constructor(private readonly options: Options) {}

  async aheadOf(place: JobPlace): Promise<number> {
    for (const workerClass of await this.#classesFor(place.target, place.requirements)) {
      const lanes = await this.#lanesOf(workerClass);
      const own = lanes.find(({ id }) => id === place.lane_id);
      if (own === undefined) continue;
      const rivals = lanes.filter(isRivalOf(own));
      const key = JSON.stringify([workerClass, rivals.map(({ id }) => id)]);
      return this.#placesIn(key, rivals).get(own.id)?.[place.before_in_lane] ?? MOST_AHEAD;
    }
    return place.before_in_lane;
  }

  /** Lanes of the waiting jobs of a target, one entry for each job: first those that can be served, then the others. */
  async laneOrder(target: string, limit: number): Promise<readonly string[]> {
    const [workerClass] = await this.#classesFor(target, {});
    const queued = workerClass === undefined ? [] : await this.#lanesOf(workerClass);
    const lanes = queued.filter((lane) => lane.target === target);
    const order = [
      ...take(queueOrder(lanes.filter((lane) => !isFull(lane))), limit),
      ...take(queueOrder(lanes.filter(isFull)), limit),
    ].map(({ id }) => id);
    const listed = groupBy(order, (id) => id);
    for (const { id, waiting } of await findWaitingLanes(this.options.db, target))
      for (let left = waiting - (listed.get(id)?.length ?? 0); left > 0; left -= 1) order.push(id);
    return order.slice(0, limit);
  }

  async #classesFor(
    target: string,
    requirements: Readonly<Record<string, string>>,
  ): Promise<readonly ConnectedClass[]> {
    this.#classes ??= findConnectedClasses(this.options.db);
    const wanted = Object.entries(requirements);
    return (await this.#classes)
      .filter(({ targets, labels }) => {
        return targets.includes(target) && wanted.every(([name, value]) => labels[name] === value);
      })
      .slice(0, CLASSES_TRIED);
  }

  #lanesOf(workerClass: ConnectedClass): Promise<readonly QueuedLane[]> {
    const { db, agingMs } = this.options;
    const known = this.#lanes.get(workerClass) ?? findQueuedLanes(db, { workerClass, agingMs });
    this.#lanes.set(workerClass, known);
    return known;
  }

  #placesIn(key: string, lanes: readonly QueuedLane[]): ReadonlyMap<string, readonly number[]> {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const order = [...take(queueOrder(lanes), MOST_AHEAD)].map((lane, ahead) => ({ id: lane.id, ahead }));
    const places = new Map(
      [...groupBy(order, ({ id }) => id)].map(([id, entries]) => [id, entries.map(({ ahead }) => ahead)]),
    );
    this.#places.set(key, places);
    return places;
  }
}

function isFull(lane: QueuedLane): boolean {
  return lane.is_repo_full || lane.is_concurrency_group_full;
}

/** Which lanes a lane competes with. */
function isRivalOf(own: QueuedLane): (lane: QueuedLane) => boolean {
  if (own.is_concurrency_group_full)
    return ({ concurrency_group_id }) => concurrency_group_id === own.concurrency_group_id;
  if (own.is_repo_full) return (lane) => lane.repo_id === own.repo_id && !lane.is_concurrency_group_full;
  return (lane) => !isFull(lane);
}

function* take<Item>(items: Iterable<Item>, count: number): Generator<Item, void, undefined> {
  let taken = 0;
  for (const item of items) {
    if (taken++ >= count) return;
    yield item;
  }
}
