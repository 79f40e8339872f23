import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.js';
import { deferred } from '../../src/base/deferred.js';
import { silentLogger } from '../../src/base/logger.js';
import { createChange, type CreateChangeInput } from '../../src/changes/index.js';
import { LocalHints } from '../../src/database/hints.js';
import type { Queryable } from '../../src/database/queryable.js';
import { Planner, type AdmitGroups, type PlannerOptions } from '../../src/planner/index.js';
import { PipelineCompiler } from '../../src/planner/pipeline-compiler.js';
import { addRepo, Git, Mirrors } from '../../src/repos/index.js';
import type { PlannedGroup } from '../../src/groups/group-plan.js';
import { ScratchRepo } from '../repos/scratch-repo.js';
import type { TestDatabase } from '../support/database.js';
import { reposContext } from '../support/repos-context.js';
import { type Replica, World } from '../support/world/world.js';

/** A row of `changes` as the tests look at it. */
export interface ChangeRow {
  readonly state: string;
  readonly reason: string | null;
  readonly error: {
    code: string;
    message: string;
    problems: { file: string; line: number; column: number; key: string; value: string; expected: string }[];
  } | null;
  readonly commit_sha: string | null;
  readonly ref: string | null;
  readonly branch: string | null;
  readonly attempts: number;
}

/** The database, and a call after each statement of a kind that wrote something. */
export function watch(database: TestDatabase, kind: RegExp, onWrite: () => void): Queryable {
  return {
    query: async (text, values) => {
      const result = await database.pool.query<never>(text, values);
      if (kind.test(text) && result.rows.length > 0) onWrite();
      return result;
    },
  };
}

/** Real repositories, the real admission, and planners on one database. */
export class Installation {
  readonly hints = new LocalHints();
  readonly admitted: PlannedGroup[] = [];
  readonly #world: World;
  readonly #planners: Planner[] = [];
  #dispatch: Promise<Replica> | undefined;
  #repos = 0;

  constructor(
    readonly database: TestDatabase,
    private readonly dir: string,
  ) {
    this.#world = new World(database);
  }

  async close(): Promise<void> {
    await Promise.all(this.#planners.map((planner) => planner.stop()));
    await this.#world.close();
  }

  /** A repo `org/r1`, `org/r2`, … with files on its branch main. */
  async repo(
    files: Record<string, string>,
  ): Promise<{ name: string; id: string; remote: ScratchRepo; commit: string }> {
    const name = `r${++this.#repos}`;
    const remote = new ScratchRepo(join(this.dir, name));
    const commit = remote.commit(files);
    const { id } = await addRepo(reposContext(this.database.pool), {
      org: 'org',
      name,
      cloneUrl: remote.path,
    });
    return { name: `org/${name}`, id, remote, commit };
  }

  async change(repo: string, input: Partial<CreateChangeInput> = {}): Promise<string> {
    const change = await createChange(this.database.pool, this.hints, { repo, event: 'push', ...input });
    return change.id;
  }

  /** The real admission; remembers what it was asked for. */
  async admit(groups: readonly PlannedGroup[]): ReturnType<AdmitGroups> {
    this.admitted.push(...groups);
    this.#dispatch ??= this.#world.replica({ autonomous: false });
    return (await this.#dispatch).dispatch.admitGroups(groups);
  }

  /** A planner whose groups are admitted by the real dispatching half. */
  planner(options: Partial<PlannerOptions> = {}): Planner {
    const planner = new Planner({
      db: this.database.pool,
      hints: this.hints,
      admitGroups: (groups) => this.admit(groups),
      mirrors: new Mirrors({ git: new Git(), dir: join(this.dir, 'mirrors') }),
      logger: silentLogger,
      clock: systemClock,
      ...options,
    });
    this.#planners.push(planner);
    return planner;
  }

  /** A planner of which no compilation ends; `compiling` resolves when it has found a commit and goes on to compile. */
  endlessPlanner(options: Partial<PlannerOptions> = {}): { planner: Planner; compiling: Promise<void> } {
    const compiling = deferred<void>();
    const program = new URL(
      `data:text/javascript,import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { for (;;); });`,
    );
    const db = watch(this.database, /set commit_sha/, () => compiling.resolve());
    const compiler = new PipelineCompiler({ program });
    const hints = new LocalHints();
    const planner = this.planner({ ...options, db, compiler, hints });
    return { planner, compiling: compiling.promise };
  }

  async look(change: string): Promise<ChangeRow> {
    const [row] = await this.database.query<ChangeRow>(
      'select state, reason, error, commit_sha, ref, branch, attempts from changes where id = $1',
      [change],
    );
    if (row === undefined) throw new Error(`change ${change} is gone`);
    return row;
  }

  /** Resolves when the hint comes that a change was planned, skipped or failed. */
  async updated(change: string): Promise<void> {
    const heard = deferred<void>();
    const stop = this.hints.subscribe('change.updated', (hint) => {
      if (hint.change === change) heard.resolve();
    });
    await heard.promise;
    stop();
  }
}
