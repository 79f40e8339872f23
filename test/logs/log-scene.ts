import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../../src/base/clock.js';
import { HotConnection } from '../../src/database/hot-connection.js';
import { createLogger } from '../../src/base/logger.js';
import { LocalHints } from '../../src/database/hints.js';
import {
  LOG_START,
  LogArchiver,
  LogReader,
  LogRetention,
  sealLogs,
  type LogPosition,
  type LogSlice,
} from '../../src/logs/index.js';
import { insertBuild, insertJob, insertLogChunk, insertRepo, insertWorker } from '../graphql/support/rows.js';
import { FolderStore, type ObjectStore } from '../../src/storage/index.js';
import type { TestDatabase } from '../support/database.js';

/** A chunk to be stored. */
export type Chunk = readonly [step: number, seq: number, data: string | Buffer];

/** Builds with logs, as agents and reaper leave them, for the tests of whoever reads or moves them. */
export class LogScene {
  readonly hints = new LocalHints();
  directory = '';
  readonly complaints: string[] = [];
  #connection: HotConnection | undefined;
  #builds = 0;

  constructor(readonly database: TestDatabase) {}

  get logs(): LogReader {
    return new LogReader({ db: this.database.pool, objects: this.objects });
  }

  get objects(): FolderStore {
    return new FolderStore(this.directory);
  }

  async open(): Promise<void> {
    this.directory = await mkdtemp(join(tmpdir(), 'slipway-logs-'));
  }

  async newBuild(): Promise<string> {
    const number = ++this.#builds;
    const rows = await insertRepo(this.database, `repo-${number}`);
    const job = await insertJob(this.database, rows, number);
    const worker = await insertWorker(this.database, `w-${number}`);
    return insertBuild(this.database, { job, repo: rows.repo, slot: 0, ...worker });
  }

  async append(build: string, chunks: readonly Chunk[]): Promise<void> {
    for (const [step, seq, data] of chunks) await insertLogChunk(this.database, { build, step, seq, data });
    this.hints.publish('log.appended', { build });
  }

  /** The build's end, with the last chunk of each step as its agent announces it; null for an agent that is lost. */
  async finish(build: string, lastSeqs: Readonly<Record<number, number>> | null): Promise<void> {
    const lengths = Object.entries(lastSeqs ?? {}).map(([step, lastSeq]) => ({
      step: Number(step),
      lastSeq,
      bytes: 1,
    }));
    await this.database.query(
      `update builds set status = 'SUCCESS', finished_at = slipway_now(), log_lengths = $2, log_state = 'DRAINING' where id = $1`,
      [build, lastSeqs === null ? null : JSON.stringify(lengths)],
    );
    this.hints.publish('log.appended', { build });
  }

  /** The end, and the end of the time in which the tail may still come. */
  async seal(build: string, lastSeqs: Readonly<Record<number, number>> | null): Promise<void> {
    await this.finish(build, lastSeqs);
    await this.database.query(
      `update builds set finished_at = slipway_now() - interval '1 minute' where id = $1`,
      [build],
    );
    await this.sweep();
    this.hints.publish('log.appended', { build });
  }

  /** What the reaper does for logs. */
  async sweep(): Promise<string[]> {
    this.#connection ??= new HotConnection({
      url: this.database.url,
      name: 'scene',
      logger: createLogger({ name: 'test', level: 'silent' }),
    });
    return this.#connection.transaction(sealLogs);
  }

  /** A new log: a build, its chunks, sealed. */
  async sealed(
    chunks: readonly Chunk[],
    lastSeqs: Readonly<Record<number, number>> | null = null,
  ): Promise<string> {
    const build = await this.newBuild();
    await this.append(build, chunks);
    await this.seal(build, lastSeqs);
    return build;
  }

  /** A replica's archiver; its complaints are collected. */
  archiver(objects: ObjectStore = this.objects): LogArchiver {
    const logger = pino({ level: 'warn' }, { write: (line) => this.complaints.push(line) });
    return new LogArchiver({
      pool: this.database.pool,
      objects,
      logs: new LogReader({ db: this.database.pool, objects }),
      logger,
      clock: systemClock,
      intervalMs: 1000,
      lanes: 1,
    });
  }

  retention(retentionMs: number, objects: ObjectStore = this.objects): LogRetention {
    const logger = createLogger({ name: 'test', level: 'silent' });
    return new LogRetention({
      pool: this.database.pool,
      objects,
      logger,
      clock: systemClock,
      intervalMs: 1000,
      retentionMs,
    });
  }

  /** All of a log as it can be read now, page by page. */
  async read(
    build: string,
    options: { after?: LogPosition; limit?: number; step?: number } = {},
  ): Promise<LogSlice[]> {
    const slices: LogSlice[] = [];
    let after = options.after ?? LOG_START;
    for (;;) {
      const range = { buildId: build, step: options.step, after, limit: options.limit ?? 100 };
      const part = await this.logs.read(range);
      slices.push(...part.slices);
      after = part.end;
      if (part.isFinal || part.slices.length === 0) return slices;
    }
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A scene for the tests of one `describe`. */
export function logScene(database: TestDatabase): LogScene {
  const scene = new LogScene(database);
  before('open the scene', () => scene.open());
  after('close the scene', () => scene.close());
  return scene;
}

/** What a reader sees. */
export function textOf(slices: readonly LogSlice[]): string {
  return slices.map(({ text }) => text).join('');
}
