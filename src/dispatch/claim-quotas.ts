import { groupBy } from '../base/group-by.js';
import { LANES_READ, type ChosenLane } from './lane-choice.queries.js';
import { queueOrder } from './queue-order.js';

/** A lane, and how many of its jobs a claim looks at. */
export interface LaneQuota extends ChosenLane {
  readonly quota: number;
}

/** Lanes beyond those that have a turn: what a lane says of itself may be out of date. */
const SPARE_LANES = 24;
/** Jobs that are looked at beyond a lane's turns, for the turns of others that turn out to be empty. */
const SPARE_JOBS = 4;

/**
 * How many jobs of each lane a claim for `wanted` has to look at: the turns that it would have if no lane ran dry,
 * twice, and a few. With `wanted` of every lane a claim for 200 from 50 deep lanes sorted 10,000 jobs, three times over
 * (170 ms of 220). Lanes without a turn are left out, but for a few.
 */
export function quotasOf(lanes: readonly ChosenLane[], wanted: number): LaneQuota[] {
  const turns = new Map<ChosenLane, number>();
  let taken = 0;
  for (const { lane } of queueOrder(lanes.map((lane) => ({ ...lane, lane, ready: wanted })))) {
    if (taken++ === wanted) break;
    turns.set(lane, (turns.get(lane) ?? 0) + 1);
  }
  const spare = lanes.filter((lane) => !turns.has(lane)).slice(0, SPARE_LANES);
  return [...turns.keys(), ...spare].map((lane) => ({
    ...lane,
    quota: Math.min(wanted, 2 * (turns.get(lane) ?? 0) + SPARE_JOBS),
  }));
}

/** Whether more might have been found without the quotas, so that it is worth to claim again at once. */
export function isCutShort(
  taken: readonly { readonly lane_id: string }[],
  { chosen, used, wanted }: { chosen: number; used: readonly LaneQuota[]; wanted: number },
): boolean {
  if (chosen > used.length || chosen === LANES_READ) return true;
  const counts = groupBy(taken, ({ lane_id }) => lane_id);
  return used.some(({ id, quota }) => quota < wanted && (counts.get(id)?.length ?? 0) === quota);
}
