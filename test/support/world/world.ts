import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { pino } from 'pino';
import type { Logger } from '../../../src/base/logger.js';
import { systemClock } from '../../../src/base/clock.js';
import { LocalHints, type Hints } from '../../../src/database/hints.js';
import { Dispatch, type DispatchOptions } from '../../../src/dispatch/index.js';
import type { PlannedGroup, PlannedNode } from '../../../src/groups/group-plan.js';
import type { CompiledConcurrency, CompiledPipeline } from '../../../src/pipeline/index.js';
import { loadServerKeys, masterKeysOf } from '../../../src/tokens/index.js';
import type { TestDatabase } from '../database.js';
import { assertSound } from './auditor.js';
import { SimulatedAgent, type AgentOptions } from './simulated-agent.js';

export const ORIGIN = 'http://slipway.test';

/** One for the whole run: worlds that follow each other on a database open each other's keys. */
export const MASTER = masterKeysOf(randomBytes(32));

/** One replica of the dispatching half of a server, and its hints. */
export interface Replica {
  readonly dispatch: Dispatch;
  readonly hints: Hints;
  readonly id: string;
}

/** A repo with its root project. */
export interface PlannedRepo {
  readonly repoId: string;
  readonly projectId: string;
  readonly name: string;
}

/** What a repo may say of itself; its organisation is `org` otherwise. */
export interface RepoWish {
  readonly buildLimit?: number;
  readonly weight?: number;
  readonly organisation?: string;
  readonly organisationWeight?: number;
}

/** What a planned node may say of itself; the rest is made up. */
export interface NodeWish {
  readonly requirements?: Record<string, string>;
  readonly dependsOn?: readonly number[];
  readonly concurrency?: CompiledConcurrency;
  /** What the compiled pipeline has beside its version. */
  readonly pipeline?: Partial<CompiledPipeline>;
  /** Default: the branch main. */
  readonly ref?: string | null;
  readonly cloneUrl?: string;
}

/** What a planned change may say of itself. */
export interface PlanWish {
  readonly target?: string;
  readonly trusted?: boolean;
  readonly priority?: number;
  /** Default: push. */
  readonly event?: string;
  readonly action?: string;
}

/**
 * A world for the tests of a suite: after each of them it is closed, audited and emptied, so that no test meets the
 * work that another one has left.
 */
export function testWorld(database: TestDatabase): World {
  const world = new World(database);
  afterEach('close, audit and empty the world', async () => {
    await world.close();
    await assertSound(database);
    await database.query(
      'truncate organisations, pools, replicas, work_history, job_specs, log_chunks, step_logs cascade',
    );
  });
  return world;
}

/**
 * A small installation on a test database: repos, planned changes, replicas and agents. Everything that it starts it
 * stops again; see {@link World.close}.
 */
export class World {
  /** What replicas have logged as an error: a defect, unless the test has caused it and empties the list. */
  readonly complaints: string[] = [];
  readonly #logger: Logger = pino({ level: 'error' }, { write: (line) => this.complaints.push(line) });
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(readonly database: TestDatabase) {}

  get pool(): Pool {
    return this.database.pool;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
    assert.deepEqual(this.complaints.splice(0), []);
  }

  /** A started replica; `autonomous: false` leaves its loops out, so that a test calls them itself. */
  async replica(options: Partial<DispatchOptions> & { autonomous?: boolean } = {}): Promise<Replica> {
    const { autonomous, ...overrides } = options;
    const keys = await loadServerKeys(this.pool, options.masterKeys ?? MASTER);
    const hints = new LocalHints();
    const id = randomUUID();
    const dispatch = new Dispatch({
      databaseUrl: this.database.url,
      pool: this.pool,
      hints,
      logger: this.#logger,
      clock: systemClock,
      keys: () => keys,
      masterKeys: MASTER,
      replicaId: id,
      origins: () => [ORIGIN],
      leaseMs: 60_000,
      heartbeatMs: 10_000,
      orphanMs: 60_000,
      ackMs: 10_000,
      cancelDeadlineMs: 15_000,
      deadlines: { prepareMs: 300_000, cancelGraceMs: 10_000 },
      backoff: { initialS: 60, factor: 1.1, maxS: 120 },
      agingMs: 300_000,
      sweepMs: 1_000,
      artifactLimits: { fileBytes: 1_000_000, buildBytes: 2_000_000, buildFiles: 10 },
      logCaps: { stepBytes: 2 ** 27, buildBytes: 2 ** 30 },
      ...overrides,
    });
    if (autonomous !== false) await dispatch.start();
    else await this.pool.query('insert into replicas (id, seen_at) values ($1, slipway_now())', [id]);
    this.#stops.push(() => dispatch.stop());
    return { dispatch, hints, id };
  }

  /** Lets time pass for the database, in which these replicas (all, by default) have been seen throughout. */
  async pass(interval: string, seen?: readonly Replica[]): Promise<void> {
    await this.pool.query(
      `with moved as (update test_clock set offset_interval = offset_interval + $1::interval)
       update replicas set seen_at = slipway_now() + $1::interval where $2::uuid[] is null or id = any($2)`,
      [interval, seen?.map(({ id }) => id) ?? null],
    );
  }

  /** A repo `org/name` with its root project. */
  async repo(options: RepoWish = {}): Promise<PlannedRepo> {
    const name = `repo-${randomBytes(4).toString('hex')}`;
    const organisation = options.organisation ?? 'org';
    await this.pool.query(`insert into organisations (name, weight) values ($1, $2) on conflict do nothing`, [
      organisation,
      options.organisationWeight ?? 1,
    ]);
    const { rows } = await this.pool.query<{ id: string }>(
      `insert into repos (organisation_id, name, clone_url, default_branch, build_limit, weight)
       select id, $1, 'file:///nowhere', 'main', $2, $3 from organisations where name = $4 returning id`,
      [name, options.buildLimit ?? 1_000_000, options.weight ?? 1, organisation],
    );
    const repoId = rows[0]!.id;
    await this.pool.query('insert into job_numbers (repo_id) values ($1)', [repoId]);
    const fullName = `${organisation}/${name}`;
    return { repoId, projectId: await this.project(repoId, fullName), name: fullName };
  }

  /** A further project of a repo. */
  async project(repoId: string, name = `org/${randomBytes(4).toString('hex')}`): Promise<string> {
    const { rows } = await this.pool.query<{ id: string }>(
      `insert into projects (repo_id, name, targets) values ($1, $2, '{x86_64-linux}') returning id`,
      [repoId, name],
    );
    return rows[0]!.id;
  }

  /** A change that is being resolved, and its plan: a graph of nodes, one project each; one node by default. */
  async plan(
    repo: { repoId: string; projectId: string },
    nodes: readonly NodeWish[] = [{}],
    options: PlanWish = {},
  ): Promise<PlannedGroup> {
    const { rows } = await this.pool.query<{ id: string }>(
      `insert into changes (repo_id, event, action, commit_sha, state, lease_until)
       values ($1, $3, $4, $2, 'RESOLVING', slipway_now() + interval '5 minutes') returning id`,
      [repo.repoId, 'a'.repeat(40), options.event ?? 'push', options.action ?? null],
    );
    const planned: PlannedNode[] = [];
    for (const [index, wish] of nodes.entries()) {
      planned.push({
        projectId: index === 0 ? repo.projectId : await this.project(repo.repoId),
        spec: JSON.stringify({ version: '1', steps: [], ...wish.pipeline }),
        requirements: wish.requirements ?? {},
        timeoutMs: 1_800_000,
        cloneUrl: wish.cloneUrl ?? 'file:///nowhere',
        ref: wish.ref === undefined ? 'refs/heads/main' : wish.ref,
        branch: 'main',
        commit: 'a'.repeat(40),
        dependsOn: wish.dependsOn ?? [],
        ...(wish.concurrency && { concurrency: wish.concurrency }),
      });
    }
    return {
      id: randomUUID(),
      changeId: rows[0]!.id,
      repoId: repo.repoId,
      rootProjectId: repo.projectId,
      target: options.target ?? 'x86_64-linux',
      scope: 'package_only',
      onFailure: 'continue',
      trusted: options.trusted ?? true,
      priority: options.priority ?? 0,
      nodes: planned,
    };
  }

  /** Admits one change for a repo (a new one by default) and gives its group. */
  async admit(
    replica: Replica,
    repo?: PlannedRepo,
    nodes?: readonly NodeWish[],
    options?: PlanWish,
  ): Promise<PlannedGroup> {
    const group = await this.plan(repo ?? (await this.repo()), nodes, options);
    const outcomes = await replica.dispatch.admitGroups([group]);
    assert.deepEqual(outcomes, [{ kind: 'ADMITTED', groupId: group.id }]);
    return group;
  }

  /** A registered worker's agent that has opened a session on a replica, subscribed and reported ready. */
  async agent(replica: Replica, options: AgentOptions = {}): Promise<SimulatedAgent> {
    const agent = await this.machine(options);
    await agent.connect(replica.dispatch);
    return agent;
  }

  /** A registered worker that is not connected. */
  async machine(options: AgentOptions = {}): Promise<SimulatedAgent> {
    const agent = await SimulatedAgent.register(this.pool, options);
    this.#stops.push(() => agent.leave());
    return agent;
  }
}
