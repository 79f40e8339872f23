import DataLoader from 'dataloader';
import {
  In,
  IsNull,
  Not,
  type DataSource,
  type EntityTarget,
  type FindOptionsOrder,
  type FindOptionsWhere,
  type ObjectLiteral,
} from 'typeorm';
import { Artifact } from '../artifacts/index.js';
import { Build, BuildOutput, Step } from '../builds/index.js';
import { Change, ChangeGroup } from '../changes/index.js';
import type { Queryable } from '../database/queryable.js';
import { Group, GroupProject } from '../groups/index.js';
import { findJobPriorities, findWaitingReasons, Job } from '../jobs/index.js';
import { Project } from '../projects/index.js';
import { Organisation, Repo } from '../repos/index.js';
import { Secret } from '../secrets/index.js';
import { findPresence, Pool, Worker } from '../workers/index.js';

/** Where loaders read from. `cache: false` for streams, whose rows change while they last. */
export interface LoaderSource {
  readonly dataSource: DataSource;
  readonly db: Queryable;
  readonly cache: boolean;
  /** How many jobs are served before those of these ids; see `Waiting.ahead`. */
  readonly placesInQueue: (jobIds: readonly string[]) => Promise<ReadonlyMap<string, number>>;
}

/** One query for all that an operation asks of a kind at one level, instead of one for each. */
export type Loaders = ReturnType<typeof createLoaders>;

/** Loaders for one operation. A row that is not there loads as null. */
export function createLoaders(source: LoaderSource) {
  return {
    organisation: byId(source, Organisation),
    repo: byId(source, Repo),
    project: byId(source, Project),
    change: byId(source, Change),
    group: byId(source, Group),
    job: byId(source, Job),
    build: byId(source, Build),
    secret: byId(source, Secret),
    worker: byId(source, Worker),
    pool: byId(source, Pool),
    groupIdsOfChange: listOf(source, ChangeGroup, 'changeId', { groupId: 'ASC' }),
    nodesOfGroup: listOf(source, GroupProject, 'groupId', { target: 'ASC', id: 'ASC' }),
    jobsOfGroup: listOf(source, Job, 'groupId', { createdAt: 'ASC', number: 'ASC' }),
    jobsOfNode: listOf(source, Job, 'groupProjectId', { number: 'ASC' }),
    buildsOfJob: listOf(source, Build, 'jobId', { offer: 'ASC' }),
    artifactsOfBuild: listOf(
      source,
      Artifact,
      'buildId',
      { step: 'ASC', path: 'ASC' },
      { storedAt: Not(IsNull()) },
    ),
    outputsOfBuild: listOf(source, BuildOutput, 'buildId', { name: 'ASC' }),
    stepsOfBuild: listOf(source, Step, 'buildId', { number: 'ASC' }),
    presence: byKeys(source, async (ids) => {
      const found = await findPresence(source.db, ids);
      return new Map(found.map((presence) => [presence.workerId, presence]));
    }),
    jobWait: byKeys(source, (ids) => findWaitingReasons(source.db, ids)),
    jobPriority: byKeys(source, (ids) => findJobPriorities(source.db, ids)),
    placeInQueue: byKeys(source, (ids) => source.placesInQueue(ids)),
  };
}

type Keyed<K extends string> = ObjectLiteral & Record<K, string>;

function byId<E extends Keyed<'id'>>(source: LoaderSource, entity: EntityTarget<E>) {
  return byKeys(source, async (ids) => {
    const where = { id: In(ids) } as FindOptionsWhere<E>;
    const rows = await source.dataSource.getRepository(entity).findBy(where);
    return new Map(rows.map((row) => [row.id, row]));
  });
}

function listOf<K extends string, E extends Keyed<K>>(
  source: LoaderSource,
  entity: EntityTarget<E>,
  key: K,
  order: FindOptionsOrder<E>,
  only: FindOptionsWhere<E> = {},
): DataLoader<string, readonly E[]> {
  return new DataLoader(
    async (ids) => {
      const where = { ...only, [key]: In([...ids]) } as FindOptionsWhere<E>;
      const rows = await source.dataSource.getRepository(entity).find({ where, order });
      const lists = new Map<string, E[]>(ids.map((id) => [id, []]));
      for (const row of rows) lists.get(row[key])?.push(row);
      return ids.map((id) => lists.get(id) ?? []);
    },
    { cache: source.cache },
  );
}

function byKeys<V>(
  source: LoaderSource,
  find: (ids: string[]) => Promise<ReadonlyMap<string, V>>,
): DataLoader<string, V | null> {
  return new DataLoader(
    async (ids) => {
      const found = await find([...ids]);
      return ids.map((id) => found.get(id) ?? null);
    },
    { cache: source.cache },
  );
}
