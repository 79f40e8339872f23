import { groupBy } from '../base/group-by.js';
import { mergeSorted } from '../base/merge-sorted.js';
import type { ChosenLane } from './lane-choice.queries.js';

/** A lane with how many jobs are ready in it. */
export interface QueueLane extends ChosenLane {
  readonly ready: number;
}

interface Turn<Lane extends QueueLane> {
  readonly lane: Lane;
  /** Of the job in its lane, from 0. */
  readonly position: number;
  /** Virtual time at which it starts, among those that it is being compared with. */
  readonly at: number;
}

/**
 * The lanes of jobs in the order in which claims would start them, if nothing came in between and no limit was met: one
 * entry for each job. The same rule as `inServiceOrder`, which claims follow; a test holds them to each other.
 */
export function* queueOrder<Lane extends QueueLane>(
  lanes: readonly Lane[],
): Generator<Lane, void, undefined> {
  const owners = [...groupBy(lanes, ({ organisation_id }) => organisation_id).values()];
  for (const { lane } of mergeSorted(owners.map(turnsOfOrganisation), byTurn('organisation_id'))) yield lane;
}

function turnsOfOrganisation<Lane extends QueueLane>(lanes: readonly Lane[]): Iterable<Turn<Lane>> {
  const repos = [...groupBy(lanes, ({ repo_id }) => repo_id).values()];
  const merged = mergeSorted(repos.map(turnsOfRepo), byTurn('repo_id'));
  return stride(merged, ({ organisation_vtime, organisation_weight }) => [
    organisation_vtime,
    organisation_weight,
  ]);
}

function turnsOfRepo<Lane extends QueueLane>(lanes: readonly Lane[]): Iterable<Turn<Lane>> {
  const merged = mergeSorted(lanes.map(jobsOfLane), byRound);
  return stride(merged, ({ repo_vtime, repo_weight }) => [repo_vtime, repo_weight]);
}

function* jobsOfLane<Lane extends QueueLane>(lane: Lane): Iterable<Turn<Lane>> {
  for (let position = 0; position < lane.ready; position += 1) yield { lane, position, at: 0 };
}

/** Turns of one owner, each a stride after the one before. */
function* stride<Lane extends QueueLane>(
  turns: Iterable<Turn<Lane>>,
  shareOf: (lane: QueueLane) => readonly [vtime: number, weight: number],
): Iterable<Turn<Lane>> {
  let started = 0;
  for (const turn of turns) {
    const [vtime, weight] = shareOf(turn.lane);
    yield { ...turn, at: vtime + started / weight };
    started += 1;
  }
}

function byTurn(owner: 'repo_id' | 'organisation_id') {
  return (a: Turn<QueueLane>, b: Turn<QueueLane>): number =>
    b.lane.priority - a.lane.priority || a.at - b.at || (a.lane[owner] < b.lane[owner] ? -1 : 1);
}

function byRound(a: Turn<QueueLane>, b: Turn<QueueLane>): number {
  return b.lane.priority - a.lane.priority || a.position - b.position || a.lane.rank - b.lane.rank;
}
