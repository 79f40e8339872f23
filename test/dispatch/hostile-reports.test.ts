import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BuildResult, StepReport } from '../../src/protocol/messages.js';
import { testDatabase } from '../support/database.js';
import { jobOf } from '../support/world/rows.js';
import { FAILURE } from '../support/world/simulated-agent.js';
import { testWorld } from '../support/world/world.js';

const HUGE = `\0\ud800${'x'.repeat(10_000_000)}\udfff`;
const STEP: StepReport = {
  number: 2,
  name: 'step',
  status: 'FAILURE',
  exitCode: 1,
  error: null,
  elapsedMs: 1,
};

interface StoredBuild {
  readonly status: string;
  readonly error: string | null;
  readonly failure_kind: string | null;
  readonly exit_code: number | null;
}

describe('what an agent reports', () => {
  const database = testDatabase();
  const world = testWorld(database);

  async function running() {
    const replica = await world.replica({ autonomous: false });
    const agent = await world.agent(replica);
    const group = await world.admit(replica);
    const opened = await agent.acceptNext();
    const stored = async (): Promise<StoredBuild> => {
      const [build] = await database.query<StoredBuild>(
        'select status, error, failure_kind, exit_code from builds where id = $1',
        [opened.buildId],
      );
      return build!;
    };
    return { agent, opened, stored, job: () => jobOf(database, group.id) };
  }

  it('is cut where it is too long, so that a final state can always be written', async () => {
    const { agent, opened, stored, job } = await running();
    const step = { ...STEP, name: HUGE.slice(0, 50_000), error: HUGE, exitCode: 2 ** 40, elapsedMs: -5e300 };
    assert.equal((await agent.report(opened, step)).outcome, 'OK');
    const result: BuildResult = {
      ...FAILURE,
      error: HUGE,
      failureKind: HUGE.slice(0, 50_000),
      exitCode: -(2 ** 52),
      outputs: [
        { name: 'large', value: HUGE },
        { name: 'package_ident', value: 'a\0b\ud800' },
        { name: '', value: '' },
      ],
      logs: Array.from({ length: 3_000 }, (_, number) => ({
        step: number % 2 === 0 ? 2 ** 40 : -number,
        lastSeq: -(2 ** 40),
        bytes: -1e308,
      })),
    };
    const answer = await agent.finish(opened, result);
    assert.equal(answer.outcome, 'OK', answer.message ?? '');
    assert.equal((await agent.finish(opened, result)).status, 'FAILURE', 'the same result again');
    const { status, error, failure_kind, exit_code } = await stored();
    assert.equal(status, 'FAILURE');
    assert.ok(error!.startsWith('\ufffd\ufffdxxx') && error!.length <= 4_000, `${error!.length} characters`);
    assert.ok(failure_kind!.length <= 100);
    assert.equal(exit_code, -(2 ** 31) + 1);
    assert.equal((await job()).state, 'FAILED');
    const [{ name, error: said } = { name: '', error: '' }] = await database.query<{
      name: string;
      error: string;
    }>('select name, error from steps where build_id = $1 and number = 2', [opened.buildId]);
    assert.ok(name.length <= 200 && said.length <= 4_000);
  });

  it('ends its build, whatever characters it has', async () => {
    const replica = await world.replica();
    const agent = await world.agent(replica);
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    const odd = fc.oneof(
      text,
      fc.constantFrom('\0', '\ud800', '\udc00\ud800', '\\u0000', '\u2028', '\x1b[2J'),
    );
    await fc.assert(
      fc.asyncProperty(
        odd,
        odd,
        fc.array(fc.record({ name: odd, value: odd })),
        async (error, kind, outputs) => {
          const group = await world.admit(replica);
          const opened = await agent.acceptNext();
          await agent.report(opened, { ...STEP, name: error, error: kind });
          const answer = await agent.finish(opened, { ...FAILURE, error, failureKind: kind, outputs });
          assert.equal(answer.outcome, 'OK', answer.message ?? '');
          assert.equal((await jobOf(database, group.id)).state, 'FAILED');
        },
      ),
      { numRuns: 12 },
    );
  });

  it('refuses more steps than a pipeline may have, and still ends the build', async () => {
    const { agent, opened, stored } = await running();
    const steps = Array.from({ length: 1_001 }, (_, number) => ({ ...STEP, number }));
    assert.equal((await agent.report(opened, ...steps)).outcome, 'INVALID');
    assert.equal((await agent.report(opened, { ...STEP, number: -1 })).outcome, 'INVALID');
    assert.equal((await agent.finish(opened, FAILURE)).outcome, 'OK');
    assert.equal((await stored()).status, 'FAILURE');
  });
});
